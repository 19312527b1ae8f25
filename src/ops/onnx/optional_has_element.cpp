// optional_has_element: ONNX's OptionalHasElement, of a value of which only a run knows.
#include "ops/support/sequence.hpp"

namespace qgraph::ops::onnx {
namespace {

Result<Types> infer(const InferContext& c) {
  if (c.input(0).storage() != DType::variant)
    return constraint("optional_has_element_c1", "the operand is no optional", Cause::dtype_contradiction);
  return Types{TensorType(DType::boolean, Shape{})};
}

void run(const KernelArgs& args) noexcept {
  *args.out<std::uint8_t>() = holds_nothing({args.inputs[0].data, args.inputs[0].bytes}) ? 0 : 1;
}

constexpr std::array kernels{kernel(DType::variant, run)};
}  // namespace

extern constexpr OpDef optional_has_element{
    .name = "onnx.optional_has_element",
    .help = "Whether an optional holds something.",
    .inputs = "optional",
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
