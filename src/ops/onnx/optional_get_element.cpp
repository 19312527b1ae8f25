// optional_get_element: ONNX's OptionalGetElement where what is held is a sequence.
#include <cstring>

#include "ops/support/sequence.hpp"

namespace qgraph::ops::onnx {
namespace {

Result<Types> infer(const InferContext& c) {
  if (c.input(0).storage() != DType::variant)
    return constraint("optional_get_element_c1", "the operand is no optional", Cause::dtype_contradiction);
  return Types{TensorType(DType::variant, Shape{})};
}

void run(const KernelArgs& args) noexcept {
  const View& in = args.inputs[0];
  if (holds_nothing({in.data, in.bytes})) return args.control->fail("optional_get_element: the optional holds nothing");
  std::byte* to = args.control->resize(0, *in.type, in.bytes);
  if (to && in.bytes > 0) std::memcpy(to, in.data, in.bytes);
}

constexpr std::array kernels{kernel(DType::variant, run)};
}  // namespace

extern constexpr OpDef optional_get_element{
    .name = "onnx.optional_get_element",
    .help = "The sequence that an optional holds. It ends the run where that holds nothing.",
    .inputs = "optional",
    .attributes = attribute_table<SequenceOf>(sequence_attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
