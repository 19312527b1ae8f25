// QG3120: biases at the end of the range of 32 bits: they did not fit their scale.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "diagnose/product_bound.hpp"
#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

/// The sum of the bias and the products can leave 32 bits, and half of the way is the bias'.
void check_sum(const RuleContext& c, source::NodeRef ref, const ProductRule& rule, const std::vector<double>& bias,
               Findings& findings) {
  constexpr double end = 2147483647.0;
  const auto largest = std::ranges::max_element(bias, {}, [](double v) { return std::fabs(v); });
  const DType dtype = stored_dtype(c.model, c.uses, rule.input.stored);
  if (std::fabs(*largest) < end / 2 || !rule.input.site || !is_integer(dtype) || bits(dtype) > 8) return;
  const auto channel = static_cast<std::size_t>(largest - bias.begin());
  const auto sums = weight_sums(c.model, rule);
  if (!sums || channel >= sums->magnitudes.size()) return;
  const double products = sums->magnitudes[channel] * largest_distance(dtype, *rule.input.site);
  if (std::fabs(*largest) + products <= end) return;
  Finding f = finding(Severity::warning, Cause::data_out_of_range,
                      fmt::format("bias {} of {} is {:.0f}: with the products beside it the sum can leave int32", channel,
                                  in_quotes(c.model.display_name(ref)), *largest),
                      {c.model.place(ref, rule.bias.stored)});
  Diagnostic& d = f.diagnostic;
  d.expected = "sums within 32 bits";
  d.found = fmt::format("bias {:.0f}", *largest);
  d.evidence = {evidence("products", fmt::format("up to {:.0f} in this channel", products))};
  d.why = "input scale * weight scale is very small, so that the bias is large; runtimes that sum in 32 bits wrap round";
  d.fix = fix("requantize-weights", Confidence::needs_input, "quantize the channel's weights anew with a larger scale");
  findings.add(std::move(f));
}

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
    if (first == values->end()) return check_sum(c, ref, *rule, *values, findings);
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
    .title = "a bias is at the end of its range, or near it",
    .phase = Phase::agreement,
    .reads_data = true,
    .explanation =
        R"(A bias is stored at input scale * weight scale. Where the weights of a channel are tiny, so is their scale,
and a bias of ordinary size needs more than 32 bits: the quantizer cut it off at the largest or smallest integer. The
channel's outputs are wrong by what was lost; some delegates refuse the file.

Short of the end it is told where bias and products together can leave 32 bits: sums wrap round then.

What was cut off is not in the file. Quantize the channel's weights with a larger scale, from the float model.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
