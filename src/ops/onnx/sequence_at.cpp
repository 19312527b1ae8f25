// sequence_at: ONNX's SequenceAt: one tensor of a sequence.
#include "ops/support/movement.hpp"
#include "ops/support/sequence.hpp"

namespace qgraph::ops::onnx {
namespace {

Result<Types> infer(const InferContext& c) {
  if (c.input(0).storage() != DType::variant)
    return constraint("sequence_at_c1", "the first operand is no sequence", Cause::dtype_contradiction);
  return Types{TensorType(c.attributes<SequenceOf>().element, Shape::unknown_rank())};
}

void run(const KernelArgs& args) noexcept {
  const auto items = sequence_operand(args, 0);
  if (!items) return;
  const auto size = static_cast<std::int64_t>(items->size());
  std::int64_t at = integer_at(args.inputs[1], 0);
  if (at < 0) at += size;
  if (at < 0 || at >= size) return fail_index(args, "sequence_at", at, size);
  give_item(args, 0, (*items)[static_cast<std::size_t>(at)]);
}

constexpr std::array kernels{kernel(DType::variant, run)};
}  // namespace

extern constexpr OpDef sequence_at{
    .name = "onnx.sequence_at",
    .help = "The tensor at a position of the sequence; negative: from the end.",
    .inputs = "sequence position",
    .attributes = attribute_table<SequenceOf>(sequence_attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
