// QG3109: a bias of an integer op that is neither int32 nor int64.
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

/// The bias's reals as integers at the product of the scales; nothing where a scale is not known or a value does not fit.
struct Stored {
  std::vector<std::byte> bytes{};
  Quantization quantization{};
};
std::optional<Stored> at_product(const RuleContext& c, const ProductRule& rule, DType wide) {
  const TensorRef t = rule.bias.stored;
  auto values = c.model.numbers(t);
  const std::span<const double> weights = rule.weights.scales;
  if (!values || rule.input.scales.size() != 1 || weights.empty()) return std::nullopt;
  if (weights.size() > 1 && weights.size() != values->size()) return std::nullopt;
  Stored s;
  for (const double w : weights)
    s.quantization.scales.push_back(static_cast<float>(rule.input.scales[0]) * static_cast<float>(w));
  s.quantization.zero_points.assign(weights.size(), 0);
  s.quantization.axis = weights.size() > 1 ? 0 : -1;
  const IntegerRange range = integer_range(wide);
  const Quantization own = rule.bias.site ? quantization_of(*rule.bias.site) : Quantization{};
  const bool integers = is_integer(c.model[t].dtype);
  if (integers && own.scales.size() != 1 && own.scales.size() != values->size()) return std::nullopt;
  for (std::size_t i = 0; i < values->size(); ++i) {
    double& v = (*values)[i];
    if (integers) {
      const auto zero = own.zero_points.size() > 1 ? own.zero_points[std::min(i, own.zero_points.size() - 1)] : own.zero_point();
      v = (v - static_cast<double>(zero)) * static_cast<double>(own.scales[own.scales.size() == 1 ? 0 : i]);
    }
    v = std::round(v / static_cast<double>(s.quantization.scales[weights.size() == 1 ? 0 : i]));
    if (!(v >= static_cast<double>(range.min) && v <= static_cast<double>(range.max))) return std::nullopt;
  }
  auto bytes = source::encode_numbers(wide, *values);
  if (!bytes) return std::nullopt;
  s.bytes = *std::move(bytes);
  return s;
}

bool has_scale_of_product(const ProductRule& rule) {
  const std::span<const double> weights = rule.weights.scales, bias = rule.bias.scales;
  if (rule.input.scales.size() != 1 || weights.empty() || bias.size() != weights.size()) return false;
  for (std::size_t i = 0; i < bias.size(); ++i)
    if (std::fabs(bias[i] / (rule.input.scales[0] * weights[i]) - 1) > 0.01) return false;
  return true;
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  std::set<TensorRef> told;
  if (c.model.format != "tflite") return;  // elsewhere a bias of any dtype stands behind a DequantizeLinear
  each_node(c.model, [&](source::NodeRef ref, const source::SourceNode&) {
    auto rule = broken.any(ref) ? std::nullopt : product_rule(c.model, c.uses, ref, false);
    if (!rule) return;
    const TensorRef t = rule->bias.stored;
    const DType input = c.model[rule->input.stored].dtype, weights = c.model[rule->weights.stored].dtype, bias = c.model[t].dtype;
    if (!is_integer(input) || bits(input) > 16 || !is_integer(weights) || bits(weights) > 8) return;
    if (!(is_float(bias) || (is_integer(bias) && bits(bias) < 32)) || broken.any(t) || broken.any(rule->weights.stored) ||
        !told.insert(t).second)
      return;
    rule = product_rule(c.model, c.uses, ref);
    const DType wide = input == DType::int16 ? DType::int64 : DType::int32;
    Finding f = finding(Severity::error, Cause::dtype_contradiction,
                        fmt::format("bias of {} is {} beside {} input and {} weights", in_quotes(c.model.display_name(ref)),
                                    name(bias), name(input), name(weights)),
                        {c.model.place(ref, t)});
    Diagnostic& d = f.diagnostic;
    d.expected = std::string(name(wide));
    d.found = std::string(name(bias));
    d.evidence = {evidence("bias", type_text(c.model[t])), evidence("input", type_text(c.model[rule->input.stored])),
                  evidence("weights", type_text(c.model[rule->weights.stored]))};
    d.why = is_float(bias) ? "the bias was left as floats when input and weights were quantized"
                           : "the bias was quantized as weights are; accumulators take it wide, at the product of the scales";
    f.rests_on = {Fact::tensor(rule->input.stored, Aspect::dtype)};
    f.breaks = {Fact::tensor(t, Aspect::dtype), Fact::tensor(t, Aspect::quantization)};
    if (is_float(bias) && has_scale_of_product(*rule)) {
      d.evidence.push_back(evidence("scale", "input scale * weight scale stands beside it: it holds integers"));
      d.why = "the label was changed, and the integers were left";
      d.fix = Fix{
          .id = "relabel-int32", .confidence = Confidence::likely, .description = "read the bias as int32 with its own scale"};
      f.breaks = {Fact::tensor(t, Aspect::dtype)};
      f.edits = {source::SetDType{t, DType::int32}};
    } else if (auto stored = at_product(c, *rule, wide)) {
      d.evidence.push_back(evidence("product", fmt::format("input scale * weight scale = {}",
                                                           number_text(static_cast<double>(stored->quantization.scales[0])))));
      const double half_step = static_cast<double>(std::ranges::max(stored->quantization.scales)) / 2;
      d.fix = Fix{.id = "quantize-bias",
                  .confidence = Confidence::likely,
                  .description = fmt::format("store the bias as {} at input scale * weight scale, to half a step ({})",
                                             name(wide), number_text(half_step)),
                  .max_change = bound_at_outputs(c.model, c.uses, ref, half_step)};
      f.edits = {source::SetDType{t, wide}, source::SetData{t, Buffer::copy_of(stored->bytes)}};
      std::ranges::move(set_parameters(c.model, t, stored->quantization), std::back_inserter(f.edits));
    } else {
      d.fix = Fix{.id = "give-scale",
                  .confidence = Confidence::needs_input,
                  .description = "the scales of input and weights, or of the bias, are needed to store it as integers"};
    }
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule bias_dtype{
    .code = "QG3109",
    .title = "a bias is neither int32 nor int64 beside quantized operands",
    .phase = Phase::quantization,
    .explanation =
        R"(A quantized convolution or matrix product sums in 32 bits (64 beside 16-bit activations) and starts from the bias, which
is stored so. Here the bias is float, or as narrow as weights: a tool quantized the other operands and not the bias, or the
bias as if it were weights.

The mend computes the bias's reals and stores them at input scale * weight scale; each value moves by half such a step at
most.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
