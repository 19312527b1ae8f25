// QG3218: a scale is 1 / the scale that the bias beside it was made with.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::TensorRef;

bool equal(double a, double b) { return std::fabs(a / b - 1) < 1e-4; }

/// The part of the product whose inverse makes it the bias scale; null where none does, or where it is right as it is.
const Part* inverted(const ProductRule& rule) {
  const std::span<const double> weights = rule.weights.scales, bias = rule.bias.scales;
  if (rule.input.scales.size() != 1 || weights.empty() || bias.size() != weights.size()) return nullptr;
  if (is_product(rule, 0.5e-4)) return nullptr;
  const double input = rule.input.scales[0];
  const auto all = [&](auto&& made) {
    for (std::size_t i = 0; i < bias.size(); ++i)
      if (!equal(bias[i], made(weights[i]))) return false;
    return true;
  };
  // A scale near 1 is near its inverse too.
  const auto far = [](double s) { return s > 2 || s < 0.5; };
  if (all([&](double w) { return input * w; })) return nullptr;
  if (far(weights[0]) && all([&](double w) { return input / w; })) return &rule.weights;
  if (far(input) && all([&](double w) { return w / input; })) return &rule.input;
  return nullptr;
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  std::set<TensorRef> told;
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode&) {
    const auto rule = broken.any(ref) ? std::nullopt : product_rule(c.model, c.uses, ref);
    if (!rule || !rule->bias.site || !rule->weights.site || !rule->input.site) return;
    const Part* part = inverted(*rule);
    // Weights that are scaled like the bias are a bias that took their scales: that is another fault.
    if (!part || broken.any(part->stored) || broken.any(rule->bias.stored) || !told.insert(part->stored).second) return;
    const TensorRef t = part->stored;
    Quantization q = quantization_of(*part->site);
    for (float& s : q.scales) s = static_cast<float>(1.0 / static_cast<double>(s));
    if (const auto guess = guess_parameters(c.model, c.uses, t);
        guess && guess->quantization.scales.size() == q.scales.size() && equal(guess->quantization.scales[0], q.scales[0]))
      q.scales = guess->quantization.scales;
    const bool weights = part == &rule->weights;
    Finding f = finding(Severity::warning, Cause::inconsistent_quantization,
                        fmt::format("the scale of {} is the inverse of what the bias of {} was made with",
                                    in_quotes(c.model.display_name(t)), in_quotes(c.model.display_name(ref))),
                        {c.model.place(ref, t), c.model.place(ref, rule->bias.stored)});
    if (const source::NodeRef maker = c.uses.producer(t)) f.diagnostic.places.push_back(c.model.place(maker, t));
    Diagnostic& d = f.diagnostic;
    d.expected = number_text(static_cast<double>(q.scales[0]));
    d.found = number_text(part->scales[0]);
    d.evidence = {evidence("input", "scale " + number_text(rule->input.scales[0])),
                  evidence("weights", "scale " + number_text(rule->weights.scales[0])),
                  evidence("bias", fmt::format("scale {}: {} in {}", number_text(rule->bias.scales[0]),
                                               weights ? "input / weights" : "weights / input",
                                               counted(rule->bias.scales.size(), "channel")))};
    d.why = "tools that multiply by the scale, and those that divide by it, store the one or the other";
    d.fix = fix("inverse-scale", Confidence::likely,
                fmt::format("give {} {}", in_quotes(c.model.display_name(t)),
                            q.scales.size() == 1 ? "scale " + number_text(static_cast<double>(q.scales[0]))
                                                 : fmt::format("the inverse of its {} scales", q.scales.size())));
    f.edits = set_parameters(c.model, t, q);
    f.rests_on = {Fact::tensor(rule->bias.stored, Aspect::quantization)};
    f.breaks = {Fact::tensor(t, Aspect::quantization)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule scale_inverted{
    .code = "QG3218",
    .title = "a scale is the inverse of the scale that was meant",
    .phase = Phase::quantization,
    .explanation =
        R"(A real is an integer times its scale. Some tools store what they multiply reals by, which is 1 / scale. The
bias knows better: its scale is input scale * weight scale, and here it is that product only if one of the two is
inverted, in every channel.

The mend writes the inverse.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
