// QG3219: an output scale that no value of the node can reach, or that nearly every value exceeds.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "diagnose/product_bound.hpp"
#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

/// Where the node's result becomes integers: its own output, or that of a QuantizeLinear behind it and an activation.
const source::QuantizationSite* output_site(const RuleContext& c, NodeRef ref) {
  TensorRef t = c.model[ref].outputs.empty() ? source::no_tensor : c.model[ref].outputs[0];
  for (int step = 0; t && !t.dangling() && step < 3; ++step) {
    for (const std::uint32_t s : c.uses.sites(t))
      if (const source::QuantizationSite& site = c.model.sites[s];
          site.stored == t &&
          (site.where == source::Where::tensor ? c.model.format == "tflite" : site.node == c.uses.producer(t)))
        return &site;
    const auto readers = c.uses.consumers(t);
    if (readers.size() != 1) return nullptr;
    const source::SourceNode& next = c.model[readers[0].node];
    if ((next.op != "QuantizeLinear" && next.op != "Relu" && next.op != "Clip") || next.outputs.empty()) return nullptr;
    t = next.outputs[0];
  }
  return nullptr;
}

/// What the sums of a node are, in reals.
struct Sums {
  double largest = 0;  ///< no value is larger
  double usual = 0;    ///< of the median channel, with inputs of a quarter of their range
};

constexpr double far = 1000;
bool too_large(double scale, double largest) { return scale / 2 > largest * 1.001; }
bool too_small(double range, double usual) { return range * far < usual; }

/// Whatever the weights are, the output's scale suits the node: the bias alone is worth a step of it, and weights at the ends of
/// their range do not leave it. Of most nodes that is so, and their weights need not be read.
bool suits_all_weights(const RuleContext& c, const ProductRule& rule, double scale, double range) {
  const std::span<const double> in = rule.input.scales, w = rule.weights.scales, b = rule.bias.scales;
  const source::SourceTensor& weights = c.model[rule.weights.stored];
  const DType dtype = stored_dtype(c.model, c.uses, rule.input.stored);
  const auto bias = c.model.numbers(rule.bias.stored);
  const auto count = weights.shape.elements();
  if (!bias || bias->empty() || !count || in.empty() || w.empty() || b.empty() || !is_integer(dtype) ||
      !is_integer(weights.dtype) || (b.size() != 1 && b.size() != bias->size()))
    return false;
  double constant = 0;
  for (std::size_t i = 0; i < bias->size(); ++i) constant = std::max(constant, std::fabs((*bias)[i]) * b[b.size() == 1 ? 0 : i]);
  const double of_channel = static_cast<double>(*count) / static_cast<double>(bias->size());
  const IntegerRange integers = integer_range(weights.dtype);
  const double usual = std::sqrt(of_channel) * static_cast<double>(integers.max - integers.min) * *std::ranges::max_element(w) *
                       largest_distance(dtype, *rule.input.site) * in[0] / 4;
  return !too_large(scale, constant) && !too_small(range, usual);
}

std::optional<Sums> sums_of(const RuleContext& c, const ProductRule& rule) {
  const std::span<const double> in = rule.input.scales, w = rule.weights.scales, b = rule.bias.scales;
  const DType dtype = stored_dtype(c.model, c.uses, rule.input.stored);
  const auto sums = in.size() == 1 && !w.empty() && !b.empty() && is_integer(dtype) ? weight_sums(c.model, rule) : std::nullopt;
  const auto bias = sums ? c.model.numbers(rule.bias.stored) : std::nullopt;
  if (!bias || bias->size() != sums->magnitudes.size()) return std::nullopt;
  const std::size_t channels = bias->size();
  if ((w.size() != 1 && w.size() != channels) || (b.size() != 1 && b.size() != channels)) return std::nullopt;
  const double reach = largest_distance(dtype, *rule.input.site) * in[0];
  Sums all;
  std::vector<double> usual(channels);
  for (std::size_t i = 0; i < channels; ++i) {
    const double scale = w[w.size() == 1 ? 0 : i], constant = std::fabs((*bias)[i]) * b[b.size() == 1 ? 0 : i];
    all.largest = std::max(all.largest, sums->magnitudes[i] * scale * reach + constant);
    usual[i] = sums->roots[i] * scale * reach / 4;
  }
  std::ranges::nth_element(usual, usual.begin() + static_cast<std::ptrdiff_t>(channels / 2));
  all.usual = usual[channels / 2];
  return all;
}

/// The three scales of the node belong together: what is computed from them is what it computes.
bool agrees(const ProductRule& rule) {
  if (rule.input.scales.empty() || rule.weights.scales.empty() || rule.bias.scales.empty()) return false;
  const double ratio = rule.bias.scales[0] / (rule.input.scales[0] * rule.weights.scales[0]);
  return ratio > 0.5 && ratio < 2;
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  std::set<TensorRef> told;
  each_node(c.model, [&](NodeRef ref, const source::SourceNode&) {
    const auto rule = broken.any(ref) ? std::nullopt : product_rule(c.model, c.uses, ref);
    if (!rule || !rule->input.site || !rule->weights.site || !rule->bias.site) return;
    for (const Part* p : {&rule->input, &rule->weights, &rule->bias})
      if (broken.any(p->stored) || told.contains(p->stored)) return;
    if (!agrees(*rule)) return;
    const source::QuantizationSite* out = output_site(c, ref);
    if (!out || out->scales.values.size() != 1 || !sound_scale(out->scales.values[0]) || broken.any(out->stored)) return;
    const DType dtype = stored_dtype(c.model, c.uses, out->stored);
    if (!is_integer(dtype) || bits(dtype) > 16 || bits(dtype) < 8) return;
    const double scale = out->scales.values[0], range = largest_distance(dtype, *out) * scale;
    if (suits_all_weights(c, *rule, scale, range)) return;
    const auto sums = sums_of(c, *rule);
    if (!sums || !(sums->largest > 0)) return;
    const bool large = too_large(scale, sums->largest);
    if ((!large && !too_small(range, sums->usual)) || !told.insert(out->stored).second) return;
    Finding f = finding(Severity::warning, Cause::inconsistent_quantization,
                        large ? fmt::format("the output scale {} of {} is larger than any of its values", number_text(scale),
                                            in_quotes(c.model.display_name(ref)))
                              : fmt::format("the output of {} reaches to {}, its values are a thousand times as large",
                                            in_quotes(c.model.display_name(ref)), number_text(range)),
                        {c.model.place(ref, out->stored)});
    if (out->node) f.diagnostic.places.push_back(c.model.place(out->node, out->stored));
    Diagnostic& d = f.diagnostic;
    d.expected = "a scale by which the values become several integers";
    d.found = fmt::format("scale {}", number_text(scale));
    d.evidence = {evidence("scale", fmt::format("{}, so that integers reach to {}", number_text(scale), number_text(range))),
                  evidence("values", fmt::format("at most {}, by all weights and the input's range; {} as a rule",
                                                 number_text(sums->largest), number_text(sums->usual)))};
    d.why = large ? "every value is rounded to the zero point: the output is constant"
                  : "nearly every value is cut off at the ends of the range";
    const auto guess = guess_parameters(c.model, c.uses, out->stored);
    const double likely =
        guess && guess->quantization.scales.size() == 1 ? static_cast<double>(guess->quantization.scales[0]) : 0;
    if (likely > 0 && likely / 2 <= sums->largest && likely / scale * range * far >= sums->usual) {
      d.evidence.push_back(evidence("follows", guess->because));
      d.fix = fix(guess->id, Confidence::likely, guess->describe(c.model.display_name(out->stored)));
      f.edits = set_parameters(c.model, out->stored, guess->quantization);
    } else {
      d.fix = fix("calibrate", Confidence::needs_input,
                  fmt::format("calibrate {} anew, with samples like those that the model is to see",
                              in_quotes(c.model.display_name(out->stored))));
    }
    f.rests_on = {Fact::tensor(rule->bias.stored, Aspect::quantization)};
    f.breaks = {Fact::tensor(out->stored, Aspect::quantization)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule scale_implausible{
    .code = "QG3219",
    .title = "an output scale does not suit the values",
    .phase = Phase::quantization,
    .reads_data = true,
    .explanation =
        R"(The weights, the bias and the range of the input bound what a node can compute. Here the scale of its output
is larger than the largest value, so that all are rounded to the zero point; or all integers together reach a thousandth
of what the values are as a rule, so that nearly all are cut off. Calibration with too few samples, with samples of
another size (0 to 1 in place of 0 to 255), or a scale of another tensor does this.

It is a warning, told only where it is a matter of powers of ten. Where the bias of the op that reads the value says
which scale it was made for, the mend writes that; else the right one is not in the file.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
