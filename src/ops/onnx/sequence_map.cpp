// sequence_map: ONNX's SequenceMap: a body runs on each place of the sequences.
#include <algorithm>

#include "ops/support/bodies.hpp"
#include "ops/support/collect.hpp"
#include "ops/support/sequence.hpp"

namespace qgraph::ops::onnx {
namespace {

struct SequenceMap {
  std::int64_t captures = 0;
  std::vector<std::string> elements{};
};
constexpr std::array attributes{
    attr<&SequenceMap::captures>("captures", "how many of the last operands go to the body unchanged"),
    attr<&SequenceMap::elements>("elements", "dtypes of the tensors of each sequence made"),
};

Result<Types> infer(const InferContext& c) {
  const std::int64_t captures = c.attributes<SequenceMap>().captures;
  if (!c.has(0) || c.input(0).storage() != DType::variant)
    return constraint("sequence_map_c1", "the first operand is no sequence", Cause::dtype_contradiction);
  if (captures < 0 || captures >= static_cast<std::int64_t>(c.input_count()))
    return constraint("sequence_map_c2", "fewer operands than are captured", Cause::invalid_attribute);
  for (std::size_t i = 0; i < c.input_count(); ++i)
    if (!c.has(i)) return constraint("sequence_map_c3", "an operand is left out", Cause::dangling_reference);
  if (const Types* made = body_types(c, 0); made && made->size() != c.output_count)
    return constraint("sequence_map_c4", "the body makes " + std::to_string(made->size()) + " outputs, the node has " +
                                             std::to_string(c.output_count));
  return Types(c.output_count, TensorType(DType::variant, Shape{}));
}

/// Of a sequence, one tensor: its dtype is the body's to say.
Types body_inputs(const void*, std::span<const TensorType* const> operands) {
  Types types;
  for (const TensorType* t : operands)
    types.push_back(t && t->storage() != DType::variant ? *t : TensorType(DType::unknown, Shape::unknown_rank()));
  return types;
}

void run(const KernelArgs& args) noexcept {
  const std::size_t own = args.inputs.size() - static_cast<std::size_t>(args.attributes<SequenceMap>().captures);
  std::vector<Sequence> sequences(own);
  std::vector<View> inputs(args.inputs.begin(), args.inputs.end()), results(args.outputs.size());
  for (std::size_t i = 0; i < own; ++i) {
    if (args.inputs[i].type->storage() != DType::variant) continue;
    auto items = sequence_operand(args, i);
    if (!items) return;
    if (i > 0 && items->size() != sequences[0].size())
      return args.control->fail("sequence_map: the sequences are of different lengths");
    sequences[i] = *std::move(items);
  }
  std::vector<std::vector<Held>> made(args.outputs.size());
  std::vector<TensorType> types(own);
  for (std::size_t place = 0; place < sequences[0].size(); ++place) {
    for (std::size_t i = 0; i < own; ++i) {
      if (args.inputs[i].type->storage() != DType::variant) continue;
      const SequenceItem& item = sequences[i][place];
      types[i] = TensorType(item.dtype, item.shape);
      inputs[i] = {const_cast<std::byte*>(item.bytes.data()), &types[i], item.bytes.size()};  // only read
    }
    if (!args.control->call(0, inputs, results)) return;
    for (std::size_t o = 0; o < results.size(); ++o) made[o].emplace_back().take(results[o]);
  }
  for (std::size_t o = 0; o < made.size(); ++o) {
    if (!args.outputs[o]) continue;
    Sequence items;
    for (Held& held : made[o]) items.push_back(item_of(held.view()));
    if (!give_sequence(args, o, items)) return;
  }
}

constexpr std::array kernels{kernel(DType::variant, run)};
}  // namespace

extern constexpr OpDef sequence_map{
    .name = "onnx.sequence_map",
    .help =
        "Runs its graph on each place of the sequences; an operand that is no sequence goes to every place. What the graph makes "
        "are the "
        "sequences made.",
    .inputs = "sequences*",
    .outputs = "sequences*",
    .attributes = attribute_table<SequenceMap>(attributes),
    .infer = &infer,
    .reference = kernels,
    .bodies = 1,
    .body_inputs = &body_inputs,
    .stateful = true,
};

}  // namespace qgraph::ops::onnx
