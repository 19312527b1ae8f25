// Nodes whose operands are constants are constants: weights that are clipped, zero points that are filled, and the like, so that
// the other passes see them. Dequantized constants stay as they are: what they are made of says more.
#include <algorithm>

#include "runtime/fold.hpp"
#include "runtime/passes/pass.hpp"

namespace qgraph::runtime::passes {
namespace {

template <class Constant>
bool foldable(const Node& node, Constant constant) {
  if (!node.op || node.host || node.op->stateful || !node.bodies.empty() || !node.op->infer || node.outputs.size() != 1)
    return false;
  if (node.op->name == "dequantize" && node.inputs.size() == 1) return false;
  return !node.inputs.empty() && std::ranges::all_of(node.inputs, [&](TensorId t) { return !t || constant(t); });
}

class Folding {
 public:
  explicit Folding(Draft& draft) : draft_(draft) {}

  void step(Node& node) {
    if (!foldable(node, [&](TensorId t) { return draft_.constant(t) && !draft_.output(node.outputs[0]); }))
      return draft_.keep(std::move(node));
    const TensorId folded = fold_node(node);
    if (!folded) return draft_.keep(std::move(node));
    draft_.replace(node.outputs[0], folded);
  }

 private:
  TensorId fold_node(const Node& node) {
    std::vector<const TensorType*> types;
    std::vector<View> inputs;
    std::vector<Memory> copies;
    std::vector<const std::span<const std::byte>*> values;
    for (TensorId t : node.inputs) {
      const GraphTensor* tensor = t ? &draft_.tensor(t) : nullptr;
      types.push_back(tensor ? &tensor->type : nullptr);
      values.push_back(tensor ? &tensor->data.bytes : nullptr);
      if (!tensor) {
        inputs.emplace_back();
        continue;
      }
      const std::size_t size = tensor->data.bytes.size();
      if (tensor->type.bytes() != size) return {};
      const std::byte* data = tensor->data.bytes.data();
      if (!data || reinterpret_cast<std::uintptr_t>(data) % alignof(std::int64_t) != 0) {  // files align nothing
        if (!copies.emplace_back().reserve(size)) return {};
        std::copy_n(data, size, copies.back().data());
        data = copies.back().data();
      }
      inputs.push_back({.data = const_cast<std::byte*>(data), .type = &tensor->type, .bytes = size});
    }
    const TensorType declared = draft_.type(node.outputs[0]);
    auto made = node.op->infer({.inputs = types,
                                .values = values,
                                .declared_outputs = {&declared, 1},
                                .output_count = 1,
                                .attribute_struct = node.attributes.get()});
    if (!made || made->size() != 1 || !made->front().shape.is_static()) return {};
    TensorType type = std::move(made->front());
    if (type.storage() != declared.storage()) return {};
    type.element = declared.element;
    const auto bytes = type.bytes();
    const auto kernel = select_kernel(node, types);
    if (!bytes || !kernel) return {};
    View output{.data = nullptr, .type = &type, .bytes = *bytes};
    const auto prepared = prepare_kernel(node, *kernel, inputs, {&output, 1}, {});
    std::vector<Memory> memory;
    if (!prepared || !fold(*prepared, node, inputs, {&output, 1}, memory, left_)) return {};
    return draft_.constant(std::move(type), Buffer::copy_of({memory[0].data(), *bytes}));
  }

  Draft& draft_;
  std::size_t left_ = folding_budget;
};

bool concerns(const Graph& graph) {
  return std::ranges::any_of(graph.nodes(),
                             [&](const Node& node) { return foldable(node, [&](TensorId t) { return graph[t].constant; }); });
}

void run(Draft& draft) {
  Folding folding(draft);
  draft.sweep([&](Node& node) { folding.step(node); });
}

}  // namespace

extern constexpr Pass constants{.name = "constants", .concerns = concerns, .run = run};

}  // namespace qgraph::runtime::passes
