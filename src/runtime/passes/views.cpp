// The same integers seen as plain, then as quantized again, or converted to what they are: what reads the last sees the first.
#include <algorithm>

#include "runtime/passes/pass.hpp"

namespace qgraph::runtime::passes {
namespace {

bool concerns(const Graph& graph) {
  return std::ranges::any_of(
      graph.nodes(), [](const Node& node) { return node.op && (node.op->name == "reinterpret" || node.op->name == "cast"); });
}

bool same_storage(const Draft& draft, const Node& node) {
  if (!node.op || node.inputs.empty() || !node.inputs[0] || node.outputs.size() != 1) return false;
  if (node.op->name == "reinterpret") return true;
  const DType from = draft.type(node.inputs[0]).dtype();  // not of quantized values: they would be reals
  return node.op->name == "cast" && from == draft.type(node.outputs[0]).dtype() && !is_quantized(from) && from != DType::unknown;
}

void run(Draft& draft) {
  draft.sweep([&](Node& node) {
    if (!same_storage(draft, node) || draft.output(node.outputs[0])) return draft.keep(std::move(node));
    TensorId from = node.inputs[0];
    const TensorType wanted = draft.type(node.outputs[0]);
    while (const Node* maker = draft.maker(from)) {
      if (draft.type(from).element == wanted.element || !same_storage(draft, *maker)) break;
      from = maker->inputs[0];
    }
    if (draft.type(from).element == wanted.element) return draft.replace(node.outputs[0], from);
    if (draft.constant(from))
      return draft.replace(node.outputs[0],
                           draft.constant(TensorType(wanted.element, draft.shape(from)), draft.tensor(from).data));
    const Attributes plain{{"plain", std::int64_t{wanted.quantized() ? 0 : 1}}};
    if (from == node.inputs[0] || !is_integer(wanted.storage()) ||
        !draft.add(node, {"reinterpret", {from}, plain}, wanted.element, node.outputs[0]))
      draft.keep(std::move(node));
  });
}

}  // namespace

extern constexpr Pass views{.name = "views", .concerns = concerns, .run = run};

}  // namespace qgraph::runtime::passes
