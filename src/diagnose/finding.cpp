// Findings and the facts that they break.
#include "diagnose/finding.hpp"

#include <algorithm>
#include <array>

namespace qgraph::diagnose {
namespace {

constexpr std::array tensor_aspects{Aspect::existence, Aspect::dtype, Aspect::shape, Aspect::data, Aspect::quantization};
constexpr std::array node_aspects{Aspect::existence, Aspect::attributes, Aspect::order};

}  // namespace

bool Findings::any_error() const noexcept {
  return std::ranges::any_of(list_, [](const Finding& f) { return f.diagnostic.severity == Severity::error; });
}

BrokenFacts::BrokenFacts(const Findings& findings) {
  for (const Finding& f : findings.list())
    if (f.diagnostic.severity != Severity::note) facts_.insert(f.breaks.begin(), f.breaks.end());
}

bool BrokenFacts::any(source::TensorRef tensor) const {
  return std::ranges::any_of(tensor_aspects, [&](Aspect a) { return has(Fact::tensor(tensor, a)); });
}

bool BrokenFacts::any(source::NodeRef node) const {
  return std::ranges::any_of(node_aspects, [&](Aspect a) { return has(Fact::node(node, a)); });
}

std::vector<Fact> facts_around(const source::Model& model, source::NodeRef node) {
  std::vector<Fact> facts;
  if (!node || node.graph >= model.graphs.size() || node.index >= model.graphs[node.graph].nodes.size()) return facts;
  for (Aspect a : node_aspects) facts.push_back(Fact::node(node, a));
  for (const auto* list : {&model[node].inputs, &model[node].outputs})
    for (source::TensorRef t : *list)
      if (t)
        for (Aspect a : tensor_aspects) facts.push_back(Fact::tensor(t, a));
  return facts;
}

}  // namespace qgraph::diagnose
