// sequence_insert: ONNX's SequenceInsert: a sequence with one more tensor.
#include "ops/support/movement.hpp"
#include "ops/support/sequence.hpp"

namespace qgraph::ops::onnx {
namespace {

Result<Types> infer(const InferContext& c) {
  if (c.input(0).storage() != DType::variant)
    return constraint("sequence_insert_c1", "the first operand is no sequence", Cause::dtype_contradiction);
  return Types{TensorType(DType::variant, Shape{})};
}

void run(const KernelArgs& args) noexcept {
  auto items = sequence_operand(args, 0);
  if (!items) return;
  const auto size = static_cast<std::int64_t>(items->size());
  std::int64_t at = args.has(2) ? integer_at(args.inputs[2], 0) : size;
  if (at < 0) at += size;
  if (at < 0 || at > size) return fail_index(args, "sequence_insert", at, size + 1);
  items->insert(items->begin() + static_cast<std::ptrdiff_t>(at), item_of(args.inputs[1]));
  give_sequence(args, 0, *items);
}

constexpr std::array kernels{kernel(DType::variant, run)};
}  // namespace

extern constexpr OpDef sequence_insert{
    .name = "onnx.sequence_insert",
    .help = "The sequence with the tensor put in at the position, else at the end.",
    .inputs = "sequence tensor position?",
    .attributes = attribute_table<SequenceOf>(sequence_attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
