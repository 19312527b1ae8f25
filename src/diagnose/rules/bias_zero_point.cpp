// QG3214: a bias with a zero point, which no kernel subtracts.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <set>

#include "core/number_lists.hpp"
#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  std::set<source::TensorRef> told;
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode&) {
    const auto rule = product_rule(c.model, c.uses, ref, false);
    if (!rule || !rule->bias.site || bits(c.model[rule->bias.stored].dtype) < 32) return;
    const source::TensorRef t = rule->bias.stored;
    const std::vector<double>& zeros = rule->bias.site->zero_points.values;
    if (all_zero(zeros)) return;
    const auto other = std::ranges::find_if(zeros, [](double z) { return z != 0; });
    if (other == zeros.end() || broken.any(t) || !told.insert(t).second) return;
    Finding f = finding(Severity::warning, Cause::invalid_quantization,
                        fmt::format("the bias of {} has zero point {}", in_quotes(c.model.display_name(ref)), *other),
                        {c.model.place(ref, t)});
    if (rule->bias.site->node) f.diagnostic.places.insert(f.diagnostic.places.begin(), c.model.place(rule->bias.site->node, t));
    Diagnostic& d = f.diagnostic;
    d.expected = "zero point 0";
    d.found = fmt::format("zero point {}", *other);
    d.evidence = {evidence("declared", type_text(c.model[t])),
                  evidence("zero", fmt::format("{} of {}", *other, counted(zeros.size(), "zero point")))};
    const bool ignored = rule->bias.site->where == source::Where::tensor;
    d.why = ignored ? "an accumulator starts from the bias as it is stored: the zero point is written and not used"
                    : "the op's definition has no zero point for 32-bit integers; runtimes refuse one";
    Quantization q = quantization_of(*rule->bias.site);
    q.zero_points.assign(q.zero_points.size(), 0);
    d.fix = fix("zero-point-0", ignored ? Confidence::safe : Confidence::likely,
                fmt::format("give {} zero point 0", in_quotes(c.model.display_name(t))));
    if (ignored) d.fix->max_change = 0.0;
    f.edits = set_parameters(c.model, t, q);
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule bias_zero_point{
    .code = "QG3214",
    .title = "a bias has a zero point",
    .phase = Phase::quantization,
    .explanation =
        R"(A bias is added to sums of products of input and weights, at their scale and without a zero point. TensorFlow Lite's
kernels do not look at the one that is written; ONNX's DequantizeLinear allows none for 32-bit integers. A tool that
quantized the bias as it does activations wrote it, or it belongs to another tensor.

The mend writes 0.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
