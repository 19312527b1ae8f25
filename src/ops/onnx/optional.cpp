// optional: ONNX's Optional: a tensor, or nothing, as a value of which only a run knows whether it holds something.
#include <cstring>

#include "ops/support/sequence.hpp"

namespace qgraph::ops::onnx {
namespace {

Result<Types> infer(const InferContext&) { return Types{TensorType(DType::variant, Shape{})}; }

void run(const KernelArgs& args) noexcept {
  if (args.has(0)) return void(give_sequence(args, 0, {item_of(args.inputs[0])}));
  const std::vector<std::byte> nothing = pack_nothing();
  if (std::byte* to = args.control->resize(0, TensorType(DType::variant, Shape{}), nothing.size()))
    std::memcpy(to, nothing.data(), nothing.size());
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef optional{
    .name = "onnx.optional",
    .help = "An optional that holds the operand, or nothing where that is left out.",
    .inputs = "tensor?",
    .attributes = attribute_table<SequenceOf>(sequence_attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
