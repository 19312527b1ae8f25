// QG3107: a value with a scale is declared float between operands that are all quantized.
#include <spdlog/fmt/fmt.h>

#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

bool quantized_integer(const RuleContext& c, source::TensorRef t) {
  const source::QuantizationSite* site = source::site_of(c.model, c.uses, t);
  return is_integer(c.model[t].dtype) && site && site->scales.known;
}

/// The dtype that the node gives the other values that it reads or makes, where they are all quantized and alike and one of its
/// constants is quantized too: then it computes in integers.
std::optional<DType> dtype_around(const RuleContext& c, source::NodeRef ref, source::TensorRef t) {
  const source::SourceNode& node = c.model[ref];
  DType common = DType::unknown;
  bool constant = false;
  for (const auto& list : {node.inputs, node.outputs}) {
    for (const source::TensorRef other : list) {
      if (!other || other == t) continue;
      if (!quantized_integer(c, other)) return std::nullopt;
      if (c.model[other].data.exists()) {
        constant = true;
        continue;
      }
      if (common != DType::unknown && common != c.model[other].dtype) return std::nullopt;
      common = c.model[other].dtype;
    }
  }
  return constant && common != DType::unknown ? std::optional(common) : std::nullopt;
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  for (const source::QuantizationSite& site : c.model.sites) {
    const source::TensorRef t = site.stored;
    if (!t || site.where != source::Where::tensor || !site.scales.known || broken.any(t)) continue;
    const source::SourceTensor& tensor = c.model[t];
    if (!is_float(tensor.dtype) || tensor.data.exists()) continue;
    std::optional<DType> meant;
    source::NodeRef witness{};
    for (const auto& use : c.uses.consumers(t)) {
      const auto around = broken.any(use.node) ? std::nullopt : dtype_around(c, use.node, t);
      if (!around || (meant && meant != around)) continue;
      meant = around;
      if (!witness) witness = use.node;
    }
    if (const source::NodeRef maker = c.uses.producer(t); !meant && maker && !broken.any(maker)) {
      meant = dtype_around(c, maker, t);
      witness = maker;
    }
    if (!meant) continue;
    Finding f = finding(Severity::error, Cause::dtype_contradiction,
                        fmt::format("{} is declared {} but is an operand of integer {}", in_quotes(c.model.display_name(t)),
                                    name(tensor.dtype), c.model[witness].op),
                        {c.model.place(witness, t)});
    Diagnostic& d = f.diagnostic;
    d.expected = std::string(name(*meant));
    d.found = std::string(name(tensor.dtype));
    const bool zero = !site.zero_points.values.empty();
    d.evidence = {evidence("declared", type_text(tensor)),
                  evidence("beside it", fmt::format("scale {}{}", number_text(site.scales.values[0]),
                                                    zero ? fmt::format(", zero point {}", site.zero_points.values[0]) : "")),
                  evidence("around", fmt::format("every other operand of {} is quantized, its values {}", c.model[witness].op,
                                                 name(*meant)))};
    d.why = "a tool changed the dtype at the border of the model and put no conversion there";
    d.fix = fix("relabel-" + std::string(name(*meant)), Confidence::likely,
                fmt::format("read {} as {} with its own scale", in_quotes(c.model.display_name(t)), name(*meant)));
    f.edits = {source::SetDType{t, *meant}};
    f.rests_on = {Fact::tensor(t, Aspect::quantization)};
    f.breaks = {Fact::tensor(t, Aspect::dtype)};
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule activation_declared_float{
    .code = "QG3107",
    .title = "a quantized value is declared float",
    .phase = Phase::sizes,
    .explanation =
        R"(The tensor has a scale beside it, and the node that reads or makes it has nothing but quantized operands, so it
computes in integers; yet the tensor is declared float. A tool changed the dtype of an input or output of the model
and put no QUANTIZE or DEQUANTIZE there.

The mend reads the tensor as the integers that its scale is for. Callers then pass or get integers: real = scale *
(stored - zero_point).)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
