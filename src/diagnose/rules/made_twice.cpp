// QG4021: a tensor that two nodes make, or that a node makes though it is a constant or a graph input.
#include <spdlog/fmt/fmt.h>

#include <map>

#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

/// ONNX: a node whose output has another's name lost its own, which nothing makes now.
void take_lost_names(const RuleContext& c, source::NodeRef ref, Findings& findings) {
  if (c.model.format != "onnx") return;
  std::string lost;
  for (Finding& f : findings.list()) {
    if (f.diagnostic.code != "QG4001" && f.diagnostic.code != "QG4006") continue;
    if (!f.rests_on.empty() || (!lost.empty() && lost != f.diagnostic.found)) continue;
    lost = f.diagnostic.found;
    f.phase = Phase::ops;
    f.rests_on = {Fact::node(ref, Aspect::existence)};
  }
}

void check(const RuleContext& c, Findings& findings) {
  std::map<source::TensorRef, source::NodeRef> maker;
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode& node) {
    for (const source::TensorRef t : node.outputs) {
      if (!t) continue;
      const auto [it, first] = maker.try_emplace(t, ref);
      std::string other;
      if (!first) {
        other = node_text(c.model, it->second);
      } else if (c.model[t].data.exists()) {
        other = "its own stored data";
      } else if (c.uses.is_graph_input(t)) {
        other = "the graph's input";
      } else {
        continue;
      }
      std::vector<Place> places{c.model.place(ref, t)};
      if (!first) places.push_back(c.model.place(it->second, t));
      Finding f = finding(Severity::error, Cause::duplicate_definition,
                          fmt::format("{} gets its value twice", in_quotes(c.model.display_name(t))), std::move(places));
      f.diagnostic.evidence = {evidence("from", node_text(c.model, ref)), evidence("and from", other)};
      f.diagnostic.found = fmt::format("two values for {}", c.model.display_name(t));
      f.diagnostic.why = "which of the values a reader means depends on the order in which nodes run";
      f.breaks = {Fact::tensor(t, Aspect::existence), Fact::node(ref, Aspect::existence)};
      take_lost_names(c, ref, findings);
      findings.add(std::move(f));
    }
  });
}

}  // namespace

extern constexpr Rule made_twice{
    .code = "QG4021",
    .title = "a tensor gets its value twice",
    .phase = Phase::references,
    .explanation =
        R"(Every tensor has one maker: a node, its stored data, or the caller. Here there are two, and which value a reader gets
would depend on the order of nodes. A tool that copied nodes gave two outputs the same tensor.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
