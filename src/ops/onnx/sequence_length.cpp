// sequence_length: ONNX's SequenceLength.
#include "ops/support/sequence.hpp"

namespace qgraph::ops::onnx {
namespace {

Result<Types> infer(const InferContext& c) {
  if (c.input(0).storage() != DType::variant)
    return constraint("sequence_length_c1", "the operand is no sequence", Cause::dtype_contradiction);
  return Types{TensorType(DType::int64, Shape{})};
}

void run(const KernelArgs& args) noexcept {
  if (const auto items = sequence_operand(args, 0)) *args.out<std::int64_t>() = static_cast<std::int64_t>(items->size());
}

constexpr std::array kernels{kernel(DType::variant, run)};
}  // namespace

extern constexpr OpDef sequence_length{
    .name = "onnx.sequence_length",
    .help = "How many tensors the sequence has.",
    .inputs = "sequence",
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
