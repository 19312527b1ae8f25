// size: how many elements a tensor has.
#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

struct SizeOf {
  DType out_type = DType::int32;
};
constexpr std::array attributes{attr<&SizeOf::out_type>("out_type", "int32 or int64")};

Result<Types> infer(const InferContext& c) {
  const DType dtype = c.attributes<SizeOf>().out_type;
  if (dtype != DType::int32 && dtype != DType::int64)
    return constraint("size_c1", "a count cannot be " + std::string(name(dtype)), Cause::invalid_attribute);
  return Types{{dtype, Shape{}}};
}

void run(const KernelArgs& args) noexcept {
  const std::int64_t n = args.inputs[0].elements();
  if (args.outputs[0].type->storage() == DType::int64)
    *args.out<std::int64_t>() = n;
  else
    *args.out<std::int32_t>() = static_cast<std::int32_t>(n);
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef size{
    .name = "size",
    .help = "The number of elements of a tensor.",
    .attributes = attribute_table<SizeOf>(attributes),
    .infer = &infer,
    .reference = kernels,
    .reads_shapes_only = true,
};

}  // namespace qgraph::ops
