// QG4022: nodes that wait for each other.
#include <spdlog/fmt/fmt.h>

#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"
#include "source/order.hpp"

namespace qgraph::diagnose::rules {
namespace {

void check(const RuleContext& c, Findings& findings) {
  for (std::uint32_t g = 0; g < c.model.graphs.size(); ++g) {
    const std::vector<std::uint32_t> nodes = source::cyclic_nodes(c.model, g);
    if (nodes.empty()) continue;
    std::vector<Place> places;
    std::vector<Fact> breaks;
    for (const std::uint32_t n : nodes) {
      const source::NodeRef ref{g, n};
      places.push_back(c.model.place(ref));
      breaks.push_back(Fact::node(ref, Aspect::order));
      for (const source::TensorRef t : c.model[ref].outputs)
        if (t) breaks.push_back(Fact::tensor(t, Aspect::existence));
    }
    Finding f = finding(Severity::error, Cause::cycle,
                        nodes.size() == 1 ? fmt::format("{} reads its own output", node_text(c.model, {g, nodes[0]}))
                                          : fmt::format("{} wait for each other's outputs", counted(nodes.size(), "node")),
                        std::move(places));
    f.diagnostic.found = fmt::format("a cycle of {}", counted(nodes.size(), "node"));
    f.diagnostic.evidence = {evidence("first", node_text(c.model, {g, nodes.front()}))};
    if (nodes.size() > 1) f.diagnostic.evidence.push_back(evidence("last", node_text(c.model, {g, nodes.back()})));
    f.diagnostic.why = "no order lets them run; a tool connected an input to a later output";
    f.breaks = std::move(breaks);
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule cycle{
    .code = "QG4022",
    .title = "nodes wait for each other",
    .phase = Phase::references,
    .explanation =
        R"(Following the inputs of a node leads back to the node itself: no order of running gives each node its inputs first. An
edge was connected to the wrong tensor. All nodes of the cycle are listed; the wrong edge is one of theirs.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
