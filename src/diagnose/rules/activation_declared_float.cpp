// QG3107: a value with a scale is declared float, or as other integers, between operands that are all quantized alike.
#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

bool quantized_integer(const RuleContext& c, source::TensorRef t) {
  const source::QuantizationSite* site = source::site_of(c.model, c.uses, t);
  return is_integer(c.model[t].dtype) && site && site->scales.known;
}

/// An op whose operands and results all have one dtype, by its kernels: it has some for quantized integers, and converts nothing.
bool computes_in_one_dtype(const RuleContext& c, const source::SourceNode& node) {
  const OpRow* row = source::row_of(c.model, node);
  const OpDef* op = row && c.model.format == "tflite" ? canonical_op(*row) : nullptr;
  if (!op || op->bodies != 0 || op->name == "quantize" || op->name == "dequantize" || op->name == "cast" || op->name == "custom")
    return false;
  return std::ranges::find(op->reference, DType::qint8, &KernelDef::primary) != op->reference.end() || op->moves_bytes;
}

/// The dtype that the node gives the other values that it reads or makes, where they are all quantized and alike and one of its
/// constants is quantized too: then it computes in integers.
std::optional<DType> dtype_around(const RuleContext& c, source::NodeRef ref, source::TensorRef t) {
  const source::SourceNode& node = c.model[ref];
  DType common = DType::unknown;
  bool constant = false;
  for (const auto* list : {&node.inputs, &node.outputs}) {
    for (const source::TensorRef other : *list) {
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
  const bool keeps_dtype = constant || computes_in_one_dtype(c, node);
  return keeps_dtype && common != DType::unknown ? std::optional(common) : std::nullopt;
}

/// The dtype that every node around gives the tensor, where it is integers of another one: all of them multiply by constant
/// weights, whose kernels take and make one dtype, and there are two, or the zero point does not fit what is declared.
std::optional<std::pair<DType, source::NodeRef>> integers_meant(const RuleContext& c, const BrokenFacts& broken,
                                                                const source::QuantizationSite& site) {
  std::vector<source::NodeRef> nodes;
  if (const source::NodeRef maker = c.uses.producer(site.stored)) nodes.push_back(maker);
  for (const auto& use : c.uses.consumers(site.stored)) nodes.push_back(use.node);
  std::optional<DType> meant;
  source::NodeRef witness{};
  int votes = 0;
  for (const source::NodeRef node : nodes) {
    const OpRow* row = source::row_of(c.model, c.model[node]);
    if (broken.any(node) || !row || !(row->integer_accumulator || computes_in_one_dtype(c, c.model[node]))) continue;
    const auto around = dtype_around(c, node, site.stored);
    if (!around) continue;
    if (meant && meant != around) return std::nullopt;
    meant = around;
    if (!witness) witness = node;
    ++votes;
  }
  const DType declared = c.model[site.stored].dtype;
  if (!meant || meant == declared) return std::nullopt;
  const auto fits = [&](DType d) {
    return std::ranges::all_of(site.zero_points.values, [&](double z) {
      return z >= static_cast<double>(integer_range(d).min) && z <= static_cast<double>(integer_range(d).max);
    });
  };
  // 16-bit values are symmetric about 0: another zero point is that of the narrower label.
  const bool odd_zero = declared == DType::int16 && std::ranges::any_of(site.zero_points.values, [](double z) { return z != 0; });
  return fits(*meant) && (votes > 1 || odd_zero || !fits(declared)) ? std::optional(std::pair{*meant, witness}) : std::nullopt;
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  for (const source::QuantizationSite& site : c.model.sites) {
    const source::TensorRef t = site.stored;
    if (!t || site.where != source::Where::tensor || informs_only(c.model, site) || !site.scales.known || broken.any(t)) continue;
    const source::SourceTensor& tensor = c.model[t];
    if (tensor.data.exists()) continue;
    std::optional<DType> meant;
    source::NodeRef witness{};
    if (is_integer(tensor.dtype)) {
      const auto found = integers_meant(c, broken, site);
      if (!found) continue;
      meant = found->first;
      witness = found->second;
    } else if (!is_float(tensor.dtype)) {
      continue;
    }
    if (!meant)
      for (const auto& use : c.uses.consumers(t)) {
        const auto around = broken.any(use.node) ? std::nullopt : dtype_around(c, use.node, t);
        if (!around || (meant && meant != around)) continue;
        meant = around;
        if (!witness) witness = use.node;
      }
    if (const source::NodeRef maker = c.uses.producer(t); !meant && is_float(tensor.dtype) && maker && !broken.any(maker)) {
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
    d.why = is_float(tensor.dtype)
                ? "a tool changed the dtype at the border of the model and put no conversion there"
                : "a tool changed the dtype of this value alone; its scale and zero point, and all around it, are as they were";
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
    .title = "a quantized value is declared with another dtype",
    .phase = Phase::sizes,
    .explanation =
        R"(The tensor has a scale beside it, and the node that reads or makes it has nothing but quantized operands, so it
computes in integers; yet the tensor is declared float. A tool changed the dtype of an input or output of the model
and put no QUANTIZE or DEQUANTIZE there. Or it is declared as other integers than those of every node around it: the label
was changed, and the zero point still fits the old one.

The mend reads the tensor as the integers that its scale is for. Callers then pass or get integers: real = scale *
(stored - zero_point).)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
