// reinterpret: the same stored integers, read with other quantization parameters or with none.
#include <cstring>

#include "ops/support/map_elements.hpp"

namespace qgraph::ops {
namespace {

struct Reinterpret {
  bool plain = false;
};
constexpr std::array attributes{attr<&Reinterpret::plain>("plain", "the result is integers without a quantization")};

// reinterpret_c1: integers.
Result<Types> infer(const InferContext& c) {
  const TensorType& in = c.input(0);
  if (in.storage() != DType::unknown && !is_integer(in.storage()))
    return constraint("reinterpret_c1", "only integers have a quantization, not " + std::string(name(in.storage())),
                      Cause::unsupported_dtype);
  const TensorType declared = c.declared();
  const bool plain =
      c.attributes<Reinterpret>().plain || (declared.dtype() == in.storage() && declared.dtype() != DType::unknown);
  if (plain) return Types{TensorType(in.storage(), in.shape)};
  return Types{c.output(0, Quantized(in.storage(), Quantization{}), in.shape)};
}

void run(const KernelArgs& args) noexcept {
  if (args.outputs[0].data != args.inputs[0].data && args.outputs[0].bytes > 0)
    std::memcpy(args.outputs[0].data, args.inputs[0].data, args.outputs[0].bytes);
}

constexpr std::array kernels{kernel(DType::unknown, run)};

}  // namespace

extern constexpr OpDef reinterpret{.name = "reinterpret",
                                   .help =
                                       "The same stored integers with another quantization: stands where maker and reader of a "
                                       "value state different parameters.",
                                   .attributes = attribute_table<Reinterpret>(attributes),
                                   .infer = &infer,
                                   .reference = kernels};

}  // namespace qgraph::ops
