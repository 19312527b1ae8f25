// Reports of the runtime, placed at their node.
#include "runtime/errors.hpp"

namespace qgraph::runtime {

Place place_of(const Graph& graph, GraphId id, const Node& node) {
  Place place;
  place.graph = id.value;
  place.node_index = node.source_index;
  place.node_name = node.name;
  if (place.node_name.empty() && !node.outputs.empty() && node.outputs[0]) place.node_name = graph[node.outputs[0]].name;
  place.op = std::string(node.op_name());
  return place;
}

Report placed(Report report, const Graph& graph, GraphId id, const Node& node) {
  for (Diagnostic& diagnostic : report.diagnostics)
    if (diagnostic.places.empty()) diagnostic.places.push_back(place_of(graph, id, node));
  return report;
}

Report node_error(std::string_view code, Cause cause, std::string headline, const Graph& graph, GraphId id, const Node& node) {
  return placed(failure(code, cause, std::move(headline)), graph, id, node);
}

}  // namespace qgraph::runtime
