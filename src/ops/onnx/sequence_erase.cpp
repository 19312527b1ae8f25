// sequence_erase: ONNX's SequenceErase: a sequence without one of its tensors.
#include "ops/support/movement.hpp"
#include "ops/support/sequence.hpp"

namespace qgraph::ops::onnx {
namespace {

Result<Types> infer(const InferContext& c) {
  if (c.input(0).storage() != DType::variant)
    return constraint("sequence_erase_c1", "the first operand is no sequence", Cause::dtype_contradiction);
  return Types{TensorType(DType::variant, Shape{})};
}

void run(const KernelArgs& args) noexcept {
  auto items = sequence_operand(args, 0);
  if (!items) return;
  const auto size = static_cast<std::int64_t>(items->size());
  std::int64_t at = args.has(1) ? integer_at(args.inputs[1], 0) : -1;
  if (at < 0) at += size;
  if (at < 0 || at >= size) return fail_index(args, "sequence_erase", at, size);
  items->erase(items->begin() + static_cast<std::ptrdiff_t>(at));
  give_sequence(args, 0, *items);
}

constexpr std::array kernels{kernel(DType::variant, run)};
}  // namespace

extern constexpr OpDef sequence_erase{
    .name = "onnx.sequence_erase",
    .help = "The sequence without the tensor at the position, else without the last.",
    .inputs = "sequence position?",
    .attributes = attribute_table<SequenceOf>(sequence_attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
