// shape: a tensor's dimensions as a tensor.
#include <algorithm>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

struct ShapeOf {
  DType out_type = DType::int32;
  std::int64_t start = 0, end = std::numeric_limits<std::int64_t>::max();
};
constexpr std::array attributes{
    attr<&ShapeOf::out_type>("out_type", "int32 or int64"),
    attr<&ShapeOf::start>("start", "the first dimension; negative: from the end"),
    attr<&ShapeOf::end>("end", "behind the last dimension; negative: from the end"),
};

struct Part {
  std::int64_t first, count;
};
Part part(const ShapeOf& a, std::size_t of_rank) noexcept {
  const auto rank = static_cast<std::int64_t>(of_rank);
  const auto place = [rank](std::int64_t i) { return std::clamp<std::int64_t>(i < 0 ? i + rank : i, 0, rank); };
  const std::int64_t first = place(a.start);
  return {first, std::max<std::int64_t>(place(a.end) - first, 0)};
}

Result<Types> infer(const InferContext& c) {
  const DType dtype = c.attributes<ShapeOf>().out_type;
  if (dtype != DType::int32 && dtype != DType::int64)
    return constraint("shape_c1", "dimensions cannot be " + std::string(name(dtype)), Cause::invalid_attribute);
  const Shape& in = c.shape(0);
  return Types{{dtype, Shape{in.ranked() ? part(c.attributes<ShapeOf>(), in.rank()).count : Shape::dynamic}}};
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const Part p = part(args.attributes<ShapeOf>(), in.rank());
  for (std::int64_t i = 0; i < p.count; ++i) {
    const std::int64_t dim = in.dim(static_cast<std::size_t>(p.first + i));
    if (out.type->storage() == DType::int64)
      out.as<std::int64_t>()[i] = dim;
    else
      out.as<std::int32_t>()[i] = static_cast<std::int32_t>(dim);
  }
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef shape{
    .name = "shape",
    .help = "The dimensions of a tensor, or some of them.",
    .attributes = attribute_table<ShapeOf>(attributes),
    .infer = &infer,
    .reference = kernels,
    .reads_shapes_only = true,
};

}  // namespace qgraph::ops
