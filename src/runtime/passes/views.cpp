// The same integers seen as plain, then as quantized again: what reads the last sees the first.
#include <algorithm>

#include "runtime/passes/pass.hpp"

namespace qgraph::runtime::passes {
namespace {

bool concerns(const Graph& graph) {
  return std::ranges::any_of(graph.nodes(), [](const Node& node) { return node.op && node.op->name == "reinterpret"; });
}

void run(Draft& draft) {
  draft.sweep([&](Node& node) {
    if (!node.op || node.op->name != "reinterpret" || node.inputs.size() != 1 || draft.output(node.outputs[0]))
      return draft.keep(std::move(node));
    TensorId from = node.inputs[0];
    while (const Node* maker = draft.maker(from, "reinterpret")) from = maker->inputs[0];
    if (draft.type(from).element == draft.type(node.outputs[0]).element) return draft.replace(node.outputs[0], from);
    node.inputs[0] = from;
    draft.keep(std::move(node));
  });
}

}  // namespace

extern constexpr Pass views{.name = "views", .concerns = concerns, .run = run};

}  // namespace qgraph::runtime::passes
