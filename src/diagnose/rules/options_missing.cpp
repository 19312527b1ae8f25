// QG2020: an op whose options are required stands without them.
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
    if (!row || row->options.empty() || row->options.ends_with('?') || !node.options_kind.empty()) return;
    if (broken.has(Fact::node(ref, Aspect::existence))) return;
    if (!c.model.attribute_names(node).empty()) return;  // given by a mend
    Finding f = finding(Severity::error, Cause::missing_attribute,
                        fmt::format("{} {} has no options", node.op, in_quotes(c.model.display_name(ref))), {c.model.place(ref)});
    Diagnostic& d = f.diagnostic;
    d.expected = std::string(row->options);
    d.found = fmt::format("{} without options", node.op);
    d.evidence = {evidence("expected", d.expected), evidence("found", "none")};
    d.why = "what they say (strides, padding, axes, the activation) is nowhere else in the file";
    f.rests_on = {Fact::node(ref, Aspect::existence)};
    f.breaks = {Fact::node(ref, Aspect::attributes)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule options_missing{
    .code = "QG2020",
    .title = "an op's options are missing",
    .phase = Phase::ops,
    .explanation =
        R"(A TensorFlow Lite node keeps its attributes in a table of options (a convolution: strides, padding, activation). Here
the table is missing, and with defaults the op would not be what its maker meant.

Tools that copy nodes by hand drop it. Copy it from the same node of the model before that tool, or convert again.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
