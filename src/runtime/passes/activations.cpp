// A clamp behind a layer or a sum of floats that nothing else reads is the layer's own activation: one pass over memory less, and
// the same comparisons.
#include <algorithm>

#include "runtime/passes/pass.hpp"

namespace qgraph::runtime::passes {
namespace {

bool clamps(const Node& node) { return node.op && (node.op->name == "relu" || node.op->name == "relu6"); }

bool concerns(const Graph& graph) { return std::ranges::any_of(graph.nodes(), clamps); }

bool activated(Draft& draft, const Node& node) {
  constexpr std::string_view list[] = {"add", "conv_2d", "depthwise_conv_2d", "fully_connected", "mul", "sub"};
  if (!clamps(node) || node.inputs.size() != 1 || !node.inputs[0] || draft.readers(node.inputs[0]) != 1) return false;
  const Node* found = draft.maker(node.inputs[0]);
  if (!found || !found->op || found->outputs.size() != 1 || std::ranges::find(list, found->op->name) == std::ranges::end(list))
    return false;
  const Node maker = *found;
  if (!says(maker, "activation", "none")) return false;
  const auto real = [&](TensorId t) { return !t || draft.type(t).dtype() == DType::float32; };
  const TensorId out = node.outputs[0];
  if (!std::ranges::all_of(maker.inputs, real) || !real(node.inputs[0]) || !real(out)) return false;
  const Attributes attributes = attributes_with(maker, {{"activation", std::string(node.op->name)}});
  return static_cast<bool>(draft.add(maker, {maker.op->name, maker.inputs, attributes}, draft.type(out).element, out));
}

void run(Draft& draft) {
  draft.sweep([&](Node& node) {
    if (!activated(draft, node)) draft.keep(std::move(node));
  });
}

}  // namespace

extern constexpr Pass activations{.name = "activations", .concerns = concerns, .run = run};

}  // namespace qgraph::runtime::passes
