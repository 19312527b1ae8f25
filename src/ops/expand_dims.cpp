// expand_dims: inserts dimensions of size 1. TensorFlow Lite's EXPAND_DIMS, ONNX's Unsqueeze.
#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

struct ExpandDims {
  std::vector<std::int64_t> axes{};
};
constexpr std::array attributes{attr<&ExpandDims::axes>("axes", "where no operand gives them: positions in the output")};

Result<Types> infer(const InferContext& c) {
  const Shape& in = c.shape(0);
  std::vector<std::int64_t> axes = c.attributes<ExpandDims>().axes;
  if (c.has(1)) {
    const auto values = c.integers(1);
    const auto length = vector_length(c, 1);
    if (!values)
      return moved(c, "expand_dims_c1", length && in.ranked() ? open_shape(in.rank() + *length) : Shape::unknown_rank());
    axes = *values;
  }
  if (!in.ranked()) return moved(c, "expand_dims_c1", Shape::unknown_rank());
  const std::size_t rank = in.rank() + axes.size();
  std::vector<bool> fresh(rank, false);
  for (std::int64_t axis : axes) {
    const auto at = normalize_axis(axis, rank);
    if (!at || fresh[*at])
      return constraint("expand_dims_c2",
                        "axis " + std::to_string(axis) + " is outside of rank " + std::to_string(rank) + " or named twice",
                        Cause::invalid_attribute);
    fresh[*at] = true;
  }
  std::vector<std::int64_t> out;
  std::size_t next = 0;
  for (std::size_t i = 0; i < rank; ++i) out.push_back(fresh[i] ? 1 : in[next++]);
  return moved(c, "expand_dims_c1", Shape(std::move(out)));
}

constexpr std::array kernels{kernel(DType::unknown, copy_bytes)};
}  // namespace

extern constexpr OpDef expand_dims{
    .name = "expand_dims",
    .help = "The same elements with dimensions of size 1 inserted at the given axes of the output.",
    .inputs = "input axes?",
    .attributes = attribute_table<ExpandDims>(attributes),
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
