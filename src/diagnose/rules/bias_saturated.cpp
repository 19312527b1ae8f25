// QG3120: biases at the end of the range of 32 bits: they did not fit their scale.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <set>

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
    const auto rule = product_rule(c.model, c.uses, ref);
    if (!rule) return;
    const source::TensorRef t = rule->bias.stored;
    if (c.model[t].dtype != DType::int32 || !c.model[t].data.exists() || broken.any(t) || !told.insert(t).second) return;
    const auto values = c.model.numbers(t);
    if (!values) return;
    const IntegerRange range = integer_range(DType::int32);
    const auto at_end = [&](double v) { return v == static_cast<double>(range.min) || v == static_cast<double>(range.max); };
    const auto first = std::ranges::find_if(*values, at_end);
    if (first == values->end()) return;
    const auto channel = static_cast<std::size_t>(first - values->begin());
    Finding f = finding(
        Severity::warning, Cause::data_out_of_range,
        fmt::format("bias {} of {} is {:.0f}, the end of int32's range", channel, in_quotes(c.model.display_name(ref)), *first),
        {c.model.place(ref, t)});
    Diagnostic& d = f.diagnostic;
    d.expected = "a bias within its dtype";
    d.found = fmt::format("bias {:.0f}", *first);
    d.evidence = {evidence(
        "channels", fmt::format("{} of {} at the end of the range", std::ranges::count_if(*values, at_end), values->size()))};
    const std::span<const double> scales = rule->bias.scales;
    if (!scales.empty())
      d.evidence.push_back(evidence("scale", number_text(scales[scales.size() == values->size() ? channel : 0])));
    d.why = "input scale * weight scale is so small that the bias did not fit: it was cut off, or wrapped round";
    d.fix = fix("requantize-weights", Confidence::needs_input,
                "quantize the channel's weights anew with a larger scale; the lost bias is in the float model");
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule bias_saturated{
    .code = "QG3120",
    .title = "a bias is at the end of its range",
    .phase = Phase::agreement,
    .reads_data = true,
    .explanation =
        R"(A bias is stored at input scale * weight scale. Where the weights of a channel are tiny, so is their scale, and a bias of
ordinary size needs more than 32 bits: the quantizer cut it off at the largest or smallest integer. The channel's outputs are
wrong by what was lost; some delegates refuse the file.

What was cut off is not in the file. Quantize the channel's weights with a larger scale, from the float model.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
