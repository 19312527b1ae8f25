// QG2030: a node has fewer inputs than its op needs, or leaves out one that it needs.
#include <spdlog/fmt/fmt.h>

#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

/// The first required operand that the node leaves out.
std::optional<std::size_t> missing_operand(const source::SourceNode& node, const OpRow& row) {
  for (std::size_t i = 0;; ++i) {
    const auto operand = operand_at(row.operands, i);
    if (!operand || operand->rest) return std::nullopt;
    if (operand->optional) continue;
    if (i >= node.inputs.size() || (!node.inputs[i] && !node.inputs[i].dangling())) return i;
  }
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode& node) {
    const OpRow* row = source::row_of(c.model, node);
    if (!row || !node.input_names.empty() || broken.any(ref)) return;
    const auto missing = missing_operand(node, *row);
    if (!missing) return;
    Place place = c.model.place(ref);
    place.input = static_cast<std::int64_t>(*missing);
    const auto operand = operand_at(row->operands, *missing);
    const std::string_view what = operand ? operand->name : std::string_view("input");
    Finding f = finding(Severity::error, Cause::dangling_reference,
                        fmt::format("{} {} has no {} (input {})", node.op, in_quotes(c.model.display_name(ref)), what, *missing),
                        {std::move(place)});
    Diagnostic& d = f.diagnostic;
    d.found = fmt::format("{} of {}", counted(node.inputs.size(), "input"), node.op);
    d.expected = std::string(row->operands);
    d.evidence = {evidence("expected", row->operands), evidence("found", counted(node.inputs.size(), "input"))};
    d.why = "the op needs it, and nothing in the file stands in for it";
    f.rests_on = {Fact::node(ref, Aspect::existence)};
    f.breaks = {Fact::node(ref, Aspect::attributes)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule operand_count{
    .code = "QG2030",
    .title = "a required input is left out",
    .phase = Phase::ops,
    .explanation =
        R"(The node has fewer inputs than its op needs, or leaves one of them open. An optimizer that removed a producer, or a
tool that rewrote the node, lost it.

Only the model before that tool has it.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
