// Captures, found by walking a body and the bodies in it.
#include "source/captures.hpp"

#include <algorithm>
#include <set>

namespace qgraph::source {
namespace {

struct Walk {
  const Model& model;
  std::set<TensorRef> seen{};
  std::vector<TensorRef> found{};

  void add(TensorRef t) {
    if (t && seen.insert(t).second) found.push_back(t);
  }

  /// All that a graph reads and that is not its own. Bodies have their owner's graph as parent, so this ends.
  void graph(std::uint32_t g) {
    const SourceGraph& source = model.graphs[g];
    for (std::uint32_t n = 0; n < source.nodes.size(); ++n) {
      for (const TensorRef t : source.nodes[n].inputs)
        if (t.graph != g) add(t);
      bodies({g, n}, g);
    }
    for (const TensorRef t : source.outputs)
      if (t.graph != g) add(t);
  }

  void bodies(NodeRef node, std::uint32_t owner) {
    for (const std::uint32_t body : model[node].bodies) {
      if (body >= model.graphs.size() || model.graphs[body].parent != owner || body <= owner) continue;
      Walk inner{model};
      inner.graph(body);
      for (const TensorRef t : inner.found)
        if (t.graph != owner || collect_own) add(t);
    }
  }

  bool collect_own = false;  ///< also what bodies read of the owner itself
};

}  // namespace

std::vector<TensorRef> captures(const Model& model, std::uint32_t graph) {
  Walk walk{model};
  if (graph < model.graphs.size()) walk.graph(graph);
  return std::move(walk.found);
}

std::vector<TensorRef> captures_of_bodies(const Model& model, NodeRef node) {
  Walk walk{.model = model, .collect_own = true};
  walk.bodies(node, node.graph);
  return std::move(walk.found);
}

}  // namespace qgraph::source
