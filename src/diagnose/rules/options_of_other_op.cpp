// QG2021: an op carries the options of another op.
#include <spdlog/fmt/fmt.h>

#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode& node) {
    const OpRow* row = source::row_of(c.model, node);
    if (!row || row->options.empty() || node.options_kind.empty() || broken.has(Fact::node(ref, Aspect::existence))) return;
    const bool required = !row->options.ends_with('?');
    const std::string_view wanted = row->options.substr(0, row->options.size() - (required ? 0 : 1));
    if (node.options_kind == wanted) return;
    Finding f =
        finding(required ? Severity::error : Severity::warning, Cause::invalid_attribute,
                fmt::format("{} {} carries {}, not {}", node.op, in_quotes(c.model.display_name(ref)), node.options_kind, wanted),
                {c.model.place(ref)});
    Diagnostic& d = f.diagnostic;
    d.expected = std::string(wanted);
    d.found = fmt::format("{} with {}", node.op, node.options_kind);
    d.evidence = {evidence("expected", d.expected), evidence("found", node.options_kind)};
    d.why = "fields of the one mean nothing in the other: the op's own attributes are not in the file";
    f.rests_on = {Fact::node(ref, Aspect::existence)};
    if (required) f.breaks = {Fact::node(ref, Aspect::attributes)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule options_of_other_op{
    .code = "QG2021",
    .title = "an op carries the options of another op",
    .phase = Phase::ops,
    .explanation =
        R"(A TensorFlow Lite node names the kind of its options table. Here it is the table of another op: a tool changed the op
code or the table and not both. A runtime that reads it by the op's own layout takes one number for another.

Take the options from the same node of the model before that tool, or convert again.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
