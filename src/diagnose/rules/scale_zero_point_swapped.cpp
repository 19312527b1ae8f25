// QG3211: scale and zero point stand in each other's place.
#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

std::optional<std::uint32_t> position(const source::SourceNode& node, source::TensorRef t) {
  const auto at = std::ranges::find(node.inputs, t);
  return at == node.inputs.end() ? std::nullopt : std::optional(static_cast<std::uint32_t>(at - node.inputs.begin()));
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  for (const source::QuantizationSite& site : c.model.sites) {
    const source::TensorRef scale = site.scales.tensor, zero = site.zero_points.tensor;
    if (site.where != source::Where::node_inputs || !site.node || !scale || !zero || scale.dangling() || zero.dangling() ||
        scale == zero)
      continue;
    if (broken.any(site.node)) continue;
    const DType s = c.model[scale].dtype, z = c.model[zero].dtype;
    if (!is_integer(s) || !is_float(z)) continue;
    const source::SourceNode& node = c.model[site.node];
    const auto at_scale = position(node, scale), at_zero = position(node, zero);
    if (!at_scale || !at_zero) continue;
    Finding f =
        finding(Severity::error, Cause::invalid_quantization,
                fmt::format("scale and zero point of {} {} are exchanged", node.op, in_quotes(c.model.display_name(site.node))),
                {c.model.place(site.node, scale), c.model.place(site.node, zero)});
    Diagnostic& d = f.diagnostic;
    d.expected = "a float scale and an integer zero point";
    d.found = fmt::format("{} as scale of {}", c.model.display_name(scale), c.model.display_name(site.node));
    d.evidence = {evidence("scale", fmt::format("input {} {}: {}", *at_scale, in_quotes(c.model.display_name(scale)),
                                                type_text(c.model[scale]))),
                  evidence("zero", fmt::format("input {} {}: {}", *at_zero, in_quotes(c.model.display_name(zero)),
                                               type_text(c.model[zero])))};
    d.why = "a scale is a float and a zero point an integer";
    d.fix =
        fix("exchange-scale-and-zero-point", Confidence::likely, fmt::format("exchange inputs {} and {}", *at_scale, *at_zero));
    f.edits = {source::SetInput{site.node, *at_scale, zero}, source::SetInput{site.node, *at_zero, scale}};
    f.breaks = {Fact::node(site.node, Aspect::attributes)};
    if (site.stored) f.breaks.push_back(Fact::tensor(site.stored, Aspect::quantization));
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule scale_zero_point_swapped{
    .code = "QG3211",
    .title = "scale and zero point are exchanged",
    .phase = Phase::ops,
    .explanation =
        R"(Nodes that quantize take scale and zero point as inputs, the scale first. Here the first is a tensor of integers and the
second one of floats: whoever wrote the node exchanged them. The mend exchanges them back.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
