// QG3217: TensorFlow Lite: a computed tensor with a scale for each channel.
#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

/// Computes with the integers: neither moves them, nor is it one of the two ops that take scales per channel.
bool computes(const RuleContext& c, NodeRef ref) {
  const OpRow* row = source::row_of(c.model, c.model[ref]);
  const OpDef* op = row ? canonical_op(*row) : nullptr;
  return op && !op->moves_bytes && !op->reads_shapes_only && op->bodies == 0 && op->name != "quantize" &&
         op->name != "dequantize";
}

/// The node that takes it for an activation, or makes it; none where it may be weights.
NodeRef computing_node(const RuleContext& c, TensorRef t) {
  NodeRef found{};
  for (const auto& use : c.uses.consumers(t)) {
    const OpRow* row = source::row_of(c.model, c.model[use.node]);
    if (!row) return {};
    for (const std::string_view role : {"weights", "bias"})
      if (source::operand(c.model, c.model[use.node], *row, role) == t) return {};
    if (!found && computes(c, use.node)) found = use.node;
  }
  const NodeRef maker = c.uses.producer(t);
  return maker && computes(c, maker) ? maker : found;
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "tflite") return;
  const BrokenFacts broken(findings);
  for (const source::QuantizationSite& site : c.model.sites) {
    const TensorRef t = site.stored;
    if (!t || site.where != source::Where::tensor || site.block_size != 0 || site.scales.values.size() < 2 ||
        c.model[t].data.exists() || c.model[t].state || !is_integer(c.model[t].dtype) || bits(c.model[t].dtype) > 16 ||
        broken.any(t))
      continue;
    const NodeRef node = computing_node(c, t);
    if (!node || broken.any(node)) continue;
    const std::vector<double>&scales = site.scales.values, &zeros = site.zero_points.values;
    const auto alike = [](const std::vector<double>& list) {
      return std::ranges::all_of(list, [&](double v) { return v == list[0]; });
    };
    Finding f = finding(Severity::error, Cause::invalid_quantization,
                        fmt::format("{} has {} scales; an activation has one", in_quotes(c.model.display_name(t)), scales.size()),
                        {c.model.place(node, t)});
    Diagnostic& d = f.diagnostic;
    d.expected = "one scale";
    d.found = fmt::format("{} scales along axis {}", scales.size(), site.axis);
    const auto [low, high] = std::ranges::minmax(scales);
    d.evidence = {
        evidence("declared", type_text(c.model[t])),
        evidence("scales", low == high ? fmt::format("{}, each {}", scales.size(), number_text(low))
                                       : fmt::format("{}, {} to {}", scales.size(), number_text(low), number_text(high)))};
    d.why = "kernels read one scale of an activation, and of several none: they refuse the file, or compute with 0";
    const auto guess = guess_parameters(c.model, c.uses, t);
    Quantization one{.scales = {static_cast<float>(scales[0])}, .zero_points = {}, .axis = -1};
    if (alike(scales) && alike(zeros)) {
      if (!zeros.empty()) one.zero_points = {quantization_of(site).zero_point()};
      d.fix = fix("one-scale", Confidence::safe,
                  fmt::format("give {} the one scale {}", in_quotes(c.model.display_name(t)), number_text(scales[0])), 0.0);
      f.edits = set_parameters(c.model, t, one);
    } else if (guess && guess->quantization.scales.size() == 1 && (alike(zeros) || guess->id == "prescribed-scale")) {
      d.evidence.push_back(evidence("follows", guess->because));
      d.fix = fix(guess->id, Confidence::likely, guess->describe(c.model.display_name(t)));
      f.edits = set_parameters(c.model, t, guess->quantization);
    } else {
      d.fix = fix("give-scale", Confidence::needs_input,
                  fmt::format("give {} the one scale it was quantized with", in_quotes(c.model.display_name(t))));
    }
    f.rests_on = {Fact::tensor(t, Aspect::dtype)};
    f.breaks = {Fact::tensor(t, Aspect::quantization)};
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule activation_per_channel{
    .code = "QG3217",
    .title = "an activation has several scales",
    .phase = Phase::quantization,
    .explanation =
        R"(TensorFlow Lite quantizes weights with a scale for each channel, and activations with one scale: an op that
computes with an activation reads one number. Here a computed tensor has several. Runtimes refuse the file, compute with
a scale of 0, or crash. A tool copied the parameters of weights to a tensor beside them, or repeated the one scale for
each channel.

Equal scales are written as one; the meaning does not change. Where they differ, the mend takes what follows from the
bias scales of the op that reads the tensor; where nothing follows, the scale must be given (`qgraph fix --set
TENSOR.scale=V`).)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
