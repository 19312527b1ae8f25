// QG3206: the scale of a bias is not input scale * weight scale.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "diagnose/change_bound.hpp"
#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"
#include "source/numbers.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::TensorRef;

/// A little off is how quantizers round; only what is farther off than this is told.
constexpr double allowance = 0.005;
/// Farther off than any scale that sound files carry beside integers that are right.
constexpr double stale = 1.5;

struct Ratios {
  std::vector<double> each{};  ///< bias scale / (input scale * weight scale), of every channel; empty where all agree
  double low = 0, high = 0;
  bool agree() const { return high < 1 + allowance && low > 1 - allowance; }
  bool uniform() const { return high / low < 1.001; }
  double farthest() const { return std::fabs(std::log(high)) > std::fabs(std::log(low)) ? high : low; }
};

std::optional<Ratios> ratios_of(const ProductRule& rule) {
  const std::span<const double> weights = rule.weights.scales, bias = rule.bias.scales;
  if (rule.input.scales.size() != 1 || weights.empty() || bias.size() != weights.size()) return std::nullopt;
  if (is_product(rule, 0.98 * allowance)) return Ratios{.low = 1, .high = 1};
  Ratios r;
  r.each.resize(bias.size());
  for (std::size_t i = 0; i < bias.size(); ++i) r.each[i] = bias[i] / (rule.input.scales[0] * weights[i]);
  const auto [low, high] = std::ranges::minmax(r.each);
  r.low = low;
  r.high = high;
  if (!(low > 0) || !std::isfinite(high)) return std::nullopt;
  return r;
}

Quantization product(const ProductRule& rule) {
  Quantization q = quantization_of(*rule.bias.site);
  q.scales.clear();
  for (const double w : rule.weights.scales) q.scales.push_back(static_cast<float>(rule.input.scales[0]) * static_cast<float>(w));
  if (q.zero_points.size() > 1) q.zero_points.resize(q.scales.size());
  return q;
}

/// The same reals at the product's scale; nothing where they do not fit, or others read the bias too.
std::optional<std::vector<std::byte>> rescaled(const RuleContext& c, const ProductRule& rule, const Ratios& ratios) {
  const TensorRef t = rule.bias.stored;
  auto values = c.model.numbers(t);
  if (!values || values->size() < ratios.each.size() || readers_of(c.model, c.uses, t).size() != 1) return std::nullopt;
  if (ratios.each.size() > 1 && values->size() != ratios.each.size()) return std::nullopt;
  const IntegerRange range = integer_range(c.model[t].dtype);
  for (std::size_t i = 0; i < values->size(); ++i) {
    double& v = (*values)[i];
    v = std::nearbyint(v * ratios.each[ratios.each.size() == 1 ? 0 : i]);
    if (v < static_cast<double>(range.min) || v > static_cast<double>(range.max)) return std::nullopt;
  }
  return source::encode_numbers(c.model[t].dtype, *values);
}

/// One label for all who read it: constants that were equal may have been made one, though their scales were not.
bool suits_all_readers(const RuleContext& c, TensorRef bias, const Quantization& q) {
  const std::vector<double> label(q.scales.begin(), q.scales.end());
  return std::ranges::all_of(readers_of(c.model, c.uses, bias), [&](source::NodeRef reader) {
    auto rule = product_rule(c.model, c.uses, reader);
    if (!rule || rule->bias.stored != bias) return true;
    rule->bias.scales = label;
    const auto ratios = ratios_of(*rule);
    return !ratios || ratios->agree();
  });
}

/// The bias took the scales of the weights, or the default of a tool that had none: its integers never had that scale.
bool label_alone(const ProductRule& rule) {
  const std::span<const double> bias = rule.bias.scales;
  if (std::ranges::all_of(bias, [](double s) { return s == 1; })) return true;
  return bias.size() == rule.weights.scales.size() && std::ranges::equal(bias, rule.weights.scales);
}

void mend(const RuleContext& c, const ProductRule& rule, const Ratios& ratios, Finding& f) {
  Diagnostic& d = f.diagnostic;
  const TensorRef t = rule.bias.stored;
  const Quantization q = product(rule);
  if (!suits_all_readers(c, t, q)) {
    d.why += "; others read the same bias and have another product, so that no label suits all";
    return;
  }
  // Behind a DEQUANTIZE the bias means what its own scale says; an integer kernel takes it at the product, whatever is written.
  const bool means_its_scale = rule.bias.site->where == source::Where::node_inputs;
  const bool of_another_input = ratios.uniform() && (ratios.low > stale || ratios.high < 1 / stale);
  if (label_alone(rule)) {
    d.why = "the scale is that of the weights, or a default: the integers are sums of products, which never had it";
    d.fix = Fix{.id = "bias-scale-from-product",
                .confidence = means_its_scale ? Confidence::likely : Confidence::safe,
                .description = fmt::format("give {} the product's scale", in_quotes(c.model.display_name(t)))};
    if (!means_its_scale) d.fix->max_change = 0.0;
  } else if (means_its_scale || of_another_input) {
    auto bytes = rescaled(c, rule, ratios);
    if (!bytes) return;
    const double half_step = static_cast<double>(std::ranges::max(q.scales)) / 2;
    d.fix = Fix{.id = "rescale-bias",
                .confidence = Confidence::likely,
                .description = fmt::format("store {} at the product's scale, the same reals to half a step ({})",
                                           in_quotes(c.model.display_name(t)), number_text(half_step)),
                .max_change = bound_at_outputs(c.model, c.uses, rule.node, half_step)};
    f.edits = {source::SetData{t, Buffer::copy_of(*bytes)}};
  } else {
    d.fix = Fix{.id = "bias-scale-from-product",
                .confidence = Confidence::safe,
                .description = "write the product beside the bias: kernels compute with it already",
                .max_change = 0.0};
  }
  std::ranges::move(set_parameters(c.model, t, q), std::back_inserter(f.edits));
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  std::set<TensorRef> told;
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode&) {
    if (broken.any(ref)) return;
    const auto rule = product_rule(c.model, c.uses, ref);
    if (!rule || !rule->bias.site || !rule->weights.site || !rule->input.site) return;
    for (const Part* p : {&rule->input, &rule->weights, &rule->bias})
      if (broken.any(p->stored)) return;
    const auto ratios = ratios_of(*rule);
    if (!ratios || ratios->agree() || !told.insert(rule->bias.stored).second) return;
    const TensorRef bias = rule->bias.stored;
    const std::string owner = in_quotes(c.model.display_name(ref));
    Finding f{};
    Diagnostic& d = f.diagnostic;
    d.severity = Severity::warning;
    d.cause = Cause::inconsistent_quantization;
    d.headline = fmt::format("the bias scale of {} is {:.4g} times input scale * weight scale", owner, ratios->farthest());
    d.places = {c.model.place(ref, bias), c.model.place(ref, rule->input.stored), c.model.place(ref, rule->weights.stored)};
    if (rule->bias.site->node) d.places.insert(d.places.begin(), c.model.place(rule->bias.site->node, bias));
    d.expected = "bias scale = input scale * weight scale";
    d.found = fmt::format("{:.4g} times the product", ratios->farthest());
    const std::size_t channel =
        static_cast<std::size_t>(std::ranges::find(ratios->each, ratios->farthest()) - ratios->each.begin());
    const double in = rule->input.scales[0], w = rule->weights.scales[channel];
    d.evidence = {evidence("input", "scale " + number_text(in)),
                  evidence("weights", fmt::format("scale {}{}", number_text(w),
                                                  ratios->each.size() > 1 ? fmt::format(" of channel {}", channel) : "")),
                  evidence("product", number_text(static_cast<double>(static_cast<float>(in * w)))),
                  evidence("bias", "scale " + number_text(rule->bias.scales[channel]))};
    if (ratios->each.size() > 1)
      d.evidence.push_back(
          evidence("channels", ratios->uniform() ? fmt::format("the same in all {}", ratios->each.size())
                                                 : fmt::format("{:.4g} to {:.4g} times the product", ratios->low, ratios->high)));
    d.why = ratios->uniform() ? "the input was quantized anew, or its scale edited, and the bias left as it was"
                              : "the accumulator adds the bias to products of input and weights, so it has their scale, whatever "
                                "is written beside it";
    f.rests_on = {Fact::tensor(rule->input.stored, Aspect::quantization),
                  Fact::tensor(rule->weights.stored, Aspect::quantization)};
    mend(c, *rule, *ratios, f);
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule bias_scale_not_product{
    .code = "QG3206",
    .title = "a bias scale is not input scale * weight scale",
    .phase = Phase::agreement,
    .explanation =
        R"(An integer kernel adds the bias to a sum of products of input and weights. So the bias has the scale of those products,
and TensorFlow Lite does not even read the one that is written. Where the two differ, either only the label is wrong, or
the integers belong to the label and every output is off by it: this happens when activations are quantized anew and the
bias is left.

It is a warning, as sound files are up to a third off. Where every channel is off by the same factor, and far, the input's
scale has changed: the mend stores the same bias at the new scale (likely; each value moves by half a step at most).
Otherwise it corrects the label, which changes no output. Behind a DequantizeLinear a bias means what its own scale says;
there the mend keeps its value.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
