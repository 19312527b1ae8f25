// squeeze: drops dimensions of size 1.
#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

struct Squeeze {
  std::vector<std::int64_t> axes{};
};
constexpr std::array attributes{attr<&Squeeze::axes>("axes", "which dimensions; none: all of size 1")};

Result<Types> infer(const InferContext& c) {
  const Shape& in = c.shape(0);
  std::vector<std::int64_t> axes = c.attributes<Squeeze>().axes;
  if (c.has(1)) {
    const auto values = c.integers(1);
    if (!values) return moved(c, "squeeze_c1", Shape::unknown_rank());
    axes = *values;
  }
  if (!in.ranked()) return moved(c, "squeeze_c1", Shape::unknown_rank());
  std::vector<bool> drop(in.rank(), false);
  for (std::int64_t axis : axes) {
    const auto at = normalize_axis(axis, in.rank());
    if (!at)
      return constraint("squeeze_c2", "axis " + std::to_string(axis) + " is outside of rank " + std::to_string(in.rank()),
                        Cause::invalid_attribute);
    if (in[*at] != 1 && in[*at] != Shape::dynamic)
      return constraint("squeeze_c3", "dimension " + std::to_string(*at) + " of " + in.to_string() + " is not 1");
    drop[*at] = true;
  }
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < in.rank(); ++i) {
    if (axes.empty() && in[i] == Shape::dynamic) return moved(c, "squeeze_c1", Shape::unknown_rank());
    if (axes.empty() ? in[i] != 1 : !drop[i]) out.push_back(in[i]);
  }
  return moved(c, "squeeze_c1", Shape(std::move(out)));
}

constexpr std::array kernels{kernel(DType::unknown, copy_bytes)};
}  // namespace

extern constexpr OpDef squeeze{
    .name = "squeeze",
    .help = "The same elements without the named dimensions, which are 1.",
    .inputs = "input axes?",
    .attributes = attribute_table<Squeeze>(attributes),
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
