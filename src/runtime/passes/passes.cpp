// The list of passes, and the model they make.
#include <algorithm>

#include "runtime/passes/pass.hpp"

namespace qgraph::runtime::passes {
namespace {

const Pass list[] = {constants, views, islands, layers, activations, multipliers, layout, chains};

std::optional<Graph> rewritten(const Graph& graph) {
  std::optional<Draft> draft;
  for (const Pass& pass : list) {
    if (!pass.concerns(graph)) continue;
    if (!draft) draft.emplace(graph);
    pass.run(*draft);
  }
  return draft ? std::move(*draft).finish() : std::nullopt;
}

}  // namespace

std::span<const Pass> all() noexcept { return list; }

Model apply(const Model& model) {
  std::vector<std::optional<Graph>> made;
  for (const Graph& graph : model.graphs()) made.push_back(rewritten(graph));
  if (std::ranges::none_of(made, [](const auto& graph) { return graph.has_value(); })) return model;
  Model::Data data = model.data();
  for (std::size_t i = 0; i < made.size(); ++i)
    if (made[i]) data.graphs[i] = *std::move(made[i]);
  return Model(std::move(data));
}

}  // namespace qgraph::runtime::passes
