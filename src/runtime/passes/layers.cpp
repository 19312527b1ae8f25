// A product with a constant matrix is a fully connected layer, for which there are fast kernels.
#include <algorithm>

#include "runtime/passes/pass.hpp"

namespace qgraph::runtime::passes {
namespace {

bool concerns(const Graph& graph) {
  return std::ranges::any_of(graph.nodes(), [](const Node& node) { return node.op && node.op->name == "batch_matmul"; });
}

bool layer(Draft& draft, const Node& node) {
  if (!node.op || node.op->name != "batch_matmul" || node.inputs.size() != 2) return false;
  const TensorId x = node.inputs[0], weights = node.inputs[1], out = node.outputs[0];
  if (!draft.constant(weights) || draft.constant(x) || !quantized_bytes(draft.type(x)) || !quantized_bytes(draft.type(out)))
    return false;
  const TensorType& type = draft.type(weights);
  if (!type.quantized() || bits(type.storage()) > 8 || type.shape.rank() != 2 || !draft.shape(x).ranked() ||
      draft.shape(x).rank() < 2)
    return false;
  if (!says(node, "adj_x", 0) || !says(node, "rounding", "nearest_even")) return false;
  const bool turned = says(node, "adj_y", 1);
  return static_cast<bool>(draft.add(node,
                                     {"fully_connected",
                                      {x, weights},
                                      {{"weights_layout", std::string(turned ? "oi" : "io")},
                                       {"rounding", std::string("nearest_even")},
                                       {"keep_num_dims", std::int64_t{1}}}},
                                     draft.type(out).element, out));
}

void run(Draft& draft) {
  draft.sweep([&](Node& node) {
    if (!layer(draft, node)) draft.keep(std::move(node));
  });
}

}  // namespace

extern constexpr Pass layers{.name = "layers", .concerns = concerns, .run = run};

}  // namespace qgraph::runtime::passes
