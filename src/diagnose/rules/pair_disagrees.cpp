// QG3213: a value is quantized with other parameters than it is dequantized with.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::QuantizationSite;
using source::TensorRef;

constexpr double same = 1e-3;  // as near as half precision keeps a scale

bool of_scalars(const QuantizationSite& s) {
  return s.scales.known && s.scales.values.size() == 1 && s.zero_points.values.size() <= 1 &&
         (s.zero_points.known || !s.zero_points.tensor) && sound_scale(s.scales.values[0]);
}
double zero_of(const QuantizationSite& s) { return s.zero_points.values.empty() ? 0 : s.zero_points.values[0]; }
std::string text_of(const QuantizationSite& s) {
  return fmt::format("scale {}, zero point {}", number_text(s.scales.values[0]), zero_of(s));
}

/// What the biases of the value's readers say of its scale: bias scale / weight scale; nothing where they say nothing.
std::optional<double> scale_by_bias(const RuleContext& c, TensorRef stored) {
  for (const source::NodeRef reader : readers_of(c.model, c.uses, stored)) {
    const auto rule = product_rule(c.model, c.uses, reader);
    if (!rule || rule->input.stored != stored || rule->weights.scales.empty() ||
        rule->bias.scales.size() != rule->weights.scales.size())
      continue;
    return rule->bias.scales[0] / rule->weights.scales[0];
  }
  return std::nullopt;
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "onnx") return;
  const BrokenFacts broken(findings);
  for (const QuantizationSite& made : c.model.sites) {
    if (!made.node || c.model[made.node].op != "QuantizeLinear" || !made.stored || !of_scalars(made) || broken.any(made.node))
      continue;
    if (broken.has(Fact::tensor(made.stored, Aspect::quantization))) continue;
    for (const std::uint32_t s : c.uses.sites(made.stored)) {
      const QuantizationSite& read = c.model.sites[s];
      if (!read.node || c.model[read.node].op != "DequantizeLinear" || read.stored != made.stored || !of_scalars(read) ||
          broken.any(read.node))
        continue;
      const bool scales = std::fabs(read.scales.values[0] / made.scales.values[0] - 1) > same;
      if (!scales && zero_of(read) == zero_of(made)) continue;
      Finding f = finding(Severity::warning, Cause::inconsistent_quantization,
                          fmt::format("{} is quantized with {} and dequantized with {}",
                                      in_quotes(c.model.display_name(made.stored)), text_of(made), text_of(read)),
                          {c.model.place(read.node, made.stored), c.model.place(made.node, made.stored)});
      Diagnostic& d = f.diagnostic;
      d.expected = "the same parameters at both nodes";
      d.found = fmt::format("{} and {}", text_of(made), text_of(read));
      d.evidence = {evidence("quantize", text_of(made)), evidence("dequant.", text_of(read))};
      d.why = "the two nodes stand for one rounding: with other parameters behind it, every value is scaled or shifted as well";
      const auto by_bias = scales ? scale_by_bias(c, made.stored) : std::nullopt;
      const bool read_fits = by_bias && std::fabs(*by_bias / read.scales.values[0] - 1) < 5e-3;
      const bool made_fits = by_bias && std::fabs(*by_bias / made.scales.values[0] - 1) < 5e-3;
      if (read_fits != made_fits) {
        const QuantizationSite& right = read_fits ? read : made;
        const std::string_view at = read_fits ? "dequantizing" : "quantizing";
        d.evidence.push_back(evidence(
            "bias", fmt::format("bias scale / weight scale of a reader is {}: that of the {} node", number_text(*by_bias), at)));
        d.fix = fix("parameters-of-the-pair", Confidence::likely, fmt::format("give both nodes {}", text_of(right)));
        f.edits = set_parameters(c.model, made.stored, quantization_of(right));
      } else {
        d.fix = fix("give-scale", Confidence::needs_input, "which of the two is right is not in the file");
      }
      findings.add(std::move(f));
      break;
    }
  }
}

}  // namespace

extern constexpr Rule pair_disagrees{
    .code = "QG3213",
    .title = "a value is quantized and dequantized with other parameters",
    .phase = Phase::agreement,
    .explanation =
        R"(A QuantizeLinear and the DequantizeLinear behind it stand for one rounding of a value, so they have the same scale and
zero point; usually they read the same tensors. Here they differ, and every value is scaled or shifted on its way. Runtimes
compute it as written, without a word; those that fuse the pair take one of the two.

Where a reader has a bias, its scale is input scale * weight scale, and tells which of the two is right. Otherwise it must be
said (`qgraph fix --set TENSOR.scale=V`).)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
