// shape: a tensor's dimensions as a tensor.
#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

struct ShapeOf { DType out_type = DType::int32; };
constexpr std::array attributes{attr<&ShapeOf::out_type>("out_type", "int32 or int64")};

Result<Types> infer(const InferContext& c) {
  const DType dtype = c.attributes<ShapeOf>().out_type;
  if (dtype != DType::int32 && dtype != DType::int64)
    return constraint("shape_c1", "dimensions cannot be " + std::string(name(dtype)), Cause::invalid_attribute);
  const Shape& in = c.shape(0);
  return Types{{dtype, Shape{in.ranked() ? static_cast<std::int64_t>(in.rank()) : Shape::dynamic}}};
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  for (std::size_t i = 0; i < in.rank(); ++i)
    if (out.type->storage() == DType::int64) out.as<std::int64_t>()[i] = in.dim(i);
    else out.as<std::int32_t>()[i] = static_cast<std::int32_t>(in.dim(i));
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef shape{
    .name = "shape",
    .help = "The dimensions of a tensor.",
    .attributes = attribute_table<ShapeOf>(attributes),
    .infer = &infer,
    .reference = kernels,
    .reads_shapes_only = true,
};

}  // namespace qgraph::ops
