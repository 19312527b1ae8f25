// sequence_construct: ONNX's SequenceConstruct and SequenceEmpty: tensors as one value.
#include "ops/support/sequence.hpp"

namespace qgraph::ops::onnx {
namespace {

Result<Types> infer(const InferContext& c) {
  for (std::size_t i = 0; i < c.input_count(); ++i)
    if (!c.has(i) || (c.input(i).storage() != c.input(0).storage() && c.input(i).storage() != DType::unknown))
      return constraint("sequence_construct_c1", "the tensors are not of one dtype", Cause::dtype_contradiction);
  return Types{TensorType(DType::variant, Shape{})};
}

void run(const KernelArgs& args) noexcept {
  Sequence items;
  for (const View& v : args.inputs) items.push_back(item_of(v));
  give_sequence(args, 0, items);
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef sequence_construct{
    .name = "onnx.sequence_construct",
    .help = "A sequence of the tensors.",
    .inputs = "tensors*",
    .attributes = attribute_table<SequenceOf>(sequence_attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
