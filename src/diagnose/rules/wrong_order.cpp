// QG4023: a node stands before the node that makes its input.
#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"
#include "source/order.hpp"

namespace qgraph::diagnose::rules {
namespace {

/// Moves that bring the nodes, as stored, into this order.
std::vector<source::Edit> moves_to(std::uint32_t graph, const std::vector<std::uint32_t>& order) {
  std::vector<source::Edit> edits;
  std::vector<std::uint32_t> now(order.size());
  for (std::uint32_t i = 0; i < now.size(); ++i) now[i] = i;
  for (std::uint32_t to = 0; to < order.size(); ++to) {
    if (now[to] == order[to]) continue;
    const auto from = static_cast<std::uint32_t>(std::find(now.begin() + to, now.end(), order[to]) - now.begin());
    edits.push_back(source::MoveNode{{graph, from}, to});
    std::rotate(now.begin() + to, now.begin() + from, now.begin() + from + 1);
  }
  return edits;
}

/// An input that a later node makes.
source::TensorRef early_input(const RuleContext& c, source::NodeRef ref) {
  for (const source::TensorRef t : c.model[ref].inputs) {
    if (!t || c.model[t].data.exists()) continue;
    const source::NodeRef maker = c.uses.producer(t);
    if (maker && maker.graph == ref.graph && maker.index > ref.index) return t;
  }
  return source::no_tensor;
}

void check(const RuleContext& c, Findings& findings) {
  for (std::uint32_t g = 0; g < c.model.graphs.size(); ++g) {
    std::vector<Place> places;
    std::vector<Fact> breaks;
    std::vector<std::string> lines;
    for (std::uint32_t n = 0; n < c.model.graphs[g].nodes.size(); ++n) {
      const source::NodeRef ref{g, n};
      const source::TensorRef t = early_input(c, ref);
      if (!t) continue;
      if (lines.empty())
        lines = {evidence("reads", node_text(c.model, ref)), evidence("made by", node_text(c.model, c.uses.producer(t)))};
      places.push_back(c.model.place(ref));
      breaks.push_back(Fact::node(ref, Aspect::order));
    }
    if (places.empty() || !source::cyclic_nodes(c.model, g).empty()) continue;
    const std::string headline =
        fmt::format("{} {} stands before the node that makes its input", places[0].op, in_quotes(places[0].node_name));
    Finding f = finding(Severity::warning, Cause::wrong_order, headline, std::move(places));
    Diagnostic& d = f.diagnostic;
    d.evidence = std::move(lines);
    d.found = fmt::format("graph {} unsorted", g);
    d.why = "runtimes that run nodes as stored read the input before it is made, or refuse the file";
    f.edits = moves_to(g, source::run_order(c.model, g));
    d.fix = fix("sort-nodes", Confidence::safe,
                fmt::format("run each node behind those that make its inputs ({} moved)", counted(f.edits.size(), "node")), 0.0);
    f.breaks = std::move(breaks);
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule wrong_order{
    .code = "QG4023",
    .title = "a node stands before the node that makes its input",
    .phase = Phase::references,
    .explanation =
        R"(Most runtimes run nodes in the order of the file. Here a node stands before another that makes one of its inputs: some
runtimes refuse such a file, some sort it, TensorFlow Lite reads whatever lies in memory.

The graph itself is whole, so qgraph runs it in the right order; the mend writes the nodes in that order. Nothing else
changes.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
