// QG3212: a DequantizeLinear or QuantizeLinear without its scale.
#include <spdlog/fmt/fmt.h>

#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"
#include "source/numbers.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

/// The same tensor's scale at another node: the Q of a DQ, the DQ of a Q.
TensorRef scale_elsewhere(const RuleContext& c, TensorRef stored, NodeRef besides) {
  for (const std::uint32_t s : c.uses.sites(stored)) {
    const source::QuantizationSite& site = c.model.sites[s];
    if (site.stored == stored && site.node != besides && site.scales.tensor && site.where == source::Where::node_inputs)
      return site.scales.tensor;
  }
  return source::no_tensor;
}

void mend(const RuleContext& c, NodeRef ref, TensorRef stored, Finding& f) {
  Diagnostic& d = f.diagnostic;
  if (const TensorRef scale = scale_elsewhere(c, stored, ref)) {
    d.evidence.push_back(
        evidence("follows", fmt::format("{} is the scale of {} elsewhere", in_quotes(c.model.display_name(scale)),
                                        in_quotes(c.model.display_name(stored)))));
    d.fix =
        fix("scale-of-the-pair", Confidence::likely, fmt::format("read {} as the scale", in_quotes(c.model.display_name(scale))));
    f.edits = {source::SetInput{ref, 1, scale}};
    return;
  }
  const auto guess = guess_parameters(c.model, c.uses, stored);
  if (!guess || guess->quantization.scales.empty()) {
    d.fix = Fix{.id = "give-scale",
                .confidence = Confidence::needs_input,
                .description = fmt::format("give {} the scale it was quantized with", in_quotes(c.model.display_name(stored)))};
    return;
  }
  const std::vector<double> scales(guess->quantization.scales.begin(), guess->quantization.scales.end());
  const auto bytes = source::encode_numbers(DType::float32, scales);
  if (!bytes) return;
  const auto made = TensorRef{ref.graph, static_cast<std::uint32_t>(c.model.graphs[ref.graph].tensors.size())};
  source::SourceTensor tensor{.dtype = DType::float32,
                              .shape = scales.size() == 1 ? Shape{} : Shape{static_cast<std::int64_t>(scales.size())}};
  tensor.data = {.encoding = source::Encoding::raw, .bytes = Buffer::copy_of(*bytes)};
  d.evidence.push_back(evidence("follows", guess->because));
  d.fix = fix(guess->id, Confidence::likely, guess->describe(c.model.display_name(stored)));
  f.edits = {source::AddTensor{ref.graph, std::move(tensor), c.model.display_name(stored) + "_scale_mended"},
             source::SetInput{ref, 1, made}};
  if (scales.size() > 1 && !c.model.attribute(c.model[ref], "axis"))
    f.edits.push_back(source::SetAttribute{ref, "axis", AttributeValue(static_cast<std::int64_t>(guess->quantization.axis))});
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "onnx") return;
  const BrokenFacts broken(findings);
  each_node(c.model, [&](NodeRef ref, const source::SourceNode& node) {
    const bool dequantizes = node.op == "DequantizeLinear";
    if ((!dequantizes && node.op != "QuantizeLinear") || node.inputs.empty() || !node.inputs[0] || node.outputs.empty() ||
        broken.any(ref))
      return;
    if (node.inputs.size() > 1 && node.inputs[1]) return;
    const TensorRef stored = dequantizes ? node.inputs[0] : node.outputs[0];
    if (!stored || stored.dangling() || broken.any(stored)) return;
    Place place = c.model.place(ref, stored);
    Finding f = finding(Severity::error, Cause::missing_quantization,
                        fmt::format("{} {} has no scale", node.op, in_quotes(c.model.display_name(ref))), {std::move(place)});
    Diagnostic& d = f.diagnostic;
    d.expected = "a scale as input 1";
    d.found = fmt::format("no scale of {}", c.model.display_name(stored));
    d.evidence = {evidence("inputs", counted(node.inputs.size(), "input")), evidence("integers", type_text(c.model[stored]))};
    d.why = "the op computes with it, and has no default";
    mend(c, ref, stored, f);
    f.breaks = {Fact::node(ref, Aspect::attributes), Fact::tensor(stored, Aspect::quantization)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule scale_operand_missing{
    .code = "QG3212",
    .title = "a quantizing or dequantizing node has no scale",
    .phase = Phase::references,
    .explanation =
        R"(QuantizeLinear and DequantizeLinear take the scale as their second input; here it is left out, or its name is empty. An
optimizer removed the constant, or a tool wrote the zero point alone.

Where the other node of the pair has the scale, the mend reads that; of weights it is bias scale / input scale, of an input
bias scale / weight scale. Otherwise it must be given.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
