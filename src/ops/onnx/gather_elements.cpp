// gather_elements: ONNX's GatherElements: each output element is the input's at its own place, but for the index on one axis.
#include "ops/op_def.hpp"
#include "ops/support/coordinates.hpp"

namespace qgraph::ops::onnx {
namespace {

struct GatherElements {
  std::int64_t axis = 0;
};
constexpr std::array attributes{attr<&GatherElements::axis>("axis", "negative: from the end")};

Result<Types> infer(const InferContext& c) {
  const Shape &in = c.shape(0), &indices = c.shape(1);
  if (!is_integer(c.input(1).storage()) && c.input(1).storage() != DType::unknown)
    return constraint("gather_elements_c1", "indices are " + std::string(name(c.input(1).storage())), Cause::unsupported_dtype);
  if (in.ranked() && !normalize_axis(c.attributes<GatherElements>().axis, in.rank()))
    return constraint("gather_elements_c2", "the axis is outside of " + in.to_string(), Cause::invalid_attribute);
  if (in.ranked() && indices.ranked() && in.rank() != indices.rank())
    return constraint("gather_elements_c3",
                      "input " + in.to_string() + " and indices " + indices.to_string() + " differ in rank");
  return moved(c, "gather_elements_c4", indices);
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &indices = args.inputs[1];
  const auto axis = normalize_axis(args.attributes<GatherElements>().axis, in.rank());
  if (!axis || in.rank() != indices.rank()) return args.control->fail("gather_elements: the ranks do not fit");
  for (std::size_t d = 0; d < in.rank(); ++d)
    if (d != *axis && indices.dim(d) > in.dim(d)) return fail_index(args, "gather_elements", indices.dim(d) - 1, in.dim(d));
  const auto strides = dense_strides(in.shape());
  bool failed = false;
  move_elements(args, [&](const std::byte* from, std::byte* to, int bits) {
    each_coordinate(indices.shape(), [&](std::int64_t i, const Coordinates& at) {
      std::int64_t index = integer_at(indices, i);
      if (index < 0) index += in.dim(*axis);
      if (index < 0 || index >= in.dim(*axis)) {
        if (!failed) fail_index(args, "gather_elements", index, in.dim(*axis));
        failed = true;
        return false;
      }
      std::int64_t position = index * strides[*axis];
      for (std::size_t d = 0; d < in.rank(); ++d)
        if (d != *axis) position += at[d] * strides[d];
      copy_run(from, position, to, i, 1, bits);
      return true;
    });
  });
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef gather_elements{
    .name = "onnx.gather_elements",
    .help = "Output element [i, j, ...] is the input's with the coordinate on the axis replaced by indices[i, j, ...].",
    .inputs = "input indices",
    .attributes = attribute_table<GatherElements>(attributes),
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops::onnx
