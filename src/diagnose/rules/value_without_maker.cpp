// QG4020: a tensor that is read, but has no data and no node that makes it.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <set>

#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

bool has_value(const RuleContext& c, source::TensorRef t) {
  const source::SourceTensor& tensor = c.model[t];
  if (tensor.data.exists() || tensor.state || c.uses.is_graph_input(t) || c.uses.producer(t)) return true;
  return tensor.shape.elements() == 0 && tensor.dtype != DType::unknown;
}

/// A constant of its readers: no node can be missing that made it.
bool is_parameter(const RuleContext& c, source::TensorRef t) {
  return std::ranges::any_of(c.uses.consumers(t), [&](const auto& use) {
    const OpRow* row = source::row_of(c.model, c.model[use.node]);
    const auto operand = row ? operand_at(row->operands, use.input) : std::nullopt;
    return operand && (operand->name == "weights" || operand->name == "bias");
  });
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  std::set<source::TensorRef> told;
  const auto report = [&](source::TensorRef t, Place place, const std::string& where) {
    if (!told.insert(t).second) return;
    const source::SourceTensor& tensor = c.model[t];
    Finding f = finding(Severity::error, Cause::dangling_reference,
                        fmt::format("{} has neither data nor a node that makes it", in_quotes(c.model.display_name(t))),
                        {std::move(place)});
    Diagnostic& d = f.diagnostic;
    d.evidence.push_back(evidence("declared", type_text(tensor)));
    if (const auto count = tensor.shape.elements())
      if (const auto size = byte_size(tensor.dtype, *count)) d.evidence.push_back(evidence("needs", counted(*size, "byte")));
    d.evidence.push_back(evidence("stored", "none"));
    d.found = fmt::format("no value for {}", c.model.display_name(t));
    d.why = where + " reads it: a constant lost its data, or a node or a graph input was removed";
    // A node whose outputs are damaged may well be the one that made it.
    for (std::uint32_t n = 0; n < c.model.graphs[t.graph].nodes.size() && !is_parameter(c, t); ++n)
      if (broken.has(Fact::node({t.graph, n}, Aspect::existence)))
        f.rests_on.push_back(Fact::node({t.graph, n}, Aspect::existence));
    f.breaks = {Fact::tensor(t, Aspect::existence), Fact::tensor(t, Aspect::data)};
    findings.add(std::move(f));
  };
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode& node) {
    // An op that nobody knows may well have operands without a value, such as its scratch memory.
    if (!c.registry.knows(node.op, node.domain)) return;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const source::TensorRef t = node.inputs[i];
      if (!t || broken.any(t) || has_value(c, t)) continue;
      Place place = c.model.place(ref, t);
      place.input = static_cast<std::int64_t>(i);
      report(t, std::move(place), std::string(node.op));
    }
  });
  for (const source::SourceGraph& graph : c.model.graphs)
    for (const source::TensorRef t : graph.outputs)
      if (t && !broken.any(t) && !has_value(c, t)) report(t, c.model.place(t), "the graph's output");
}

}  // namespace

extern constexpr Rule value_without_maker{
    .code = "QG4020",
    .title = "a tensor has neither data nor a node that makes it",
    .phase = Phase::ops,  // after all that says which nodes are damaged
    .explanation =
        R"(A node reads the tensor, or the graph gives it out, but no node makes it, it is no graph input, and no bytes are
stored for it. Weights lose their buffer when a tool strips or splits a model; an activation loses its maker when a
node is removed.

The value is not in the file: take it from the model before that tool.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
