// Loops over a model that rules share, and the short way to a Finding.
#pragma once

#include <string>
#include <utility>

#include "diagnose/finding.hpp"

namespace qgraph::diagnose {

/// visit(NodeRef, const source::SourceNode&) for every node of every graph, in file order.
template <class Visit>
void each_node(const source::Model& model, Visit&& visit) {
  for (std::uint32_t g = 0; g < model.graphs.size(); ++g)
    for (std::uint32_t n = 0; n < model.graphs[g].nodes.size(); ++n) visit(source::NodeRef{g, n}, model.graphs[g].nodes[n]);
}

/// visit(TensorRef, const source::SourceTensor&) for every tensor of every graph, in file order.
template <class Visit>
void each_tensor(const source::Model& model, Visit&& visit) {
  for (std::uint32_t g = 0; g < model.graphs.size(); ++g)
    for (std::uint32_t t = 0; t < model.graphs[g].tensors.size(); ++t) visit(source::TensorRef{g, t}, model.graphs[g].tensors[t]);
}

/// The code is the rule's own; run_rules() sets it.
inline Finding finding(Severity severity, Cause cause, std::string headline, std::vector<Place> places) {
  Finding f{};
  f.diagnostic.severity = severity;
  f.diagnostic.cause = cause;
  f.diagnostic.headline = std::move(headline);
  f.diagnostic.places = std::move(places);
  return f;
}

inline Fix fix(std::string id, Confidence confidence, std::string description, std::optional<double> max_change = {}) {
  return {.id = std::move(id), .confidence = confidence, .description = std::move(description), .max_change = max_change};
}

}  // namespace qgraph::diagnose
