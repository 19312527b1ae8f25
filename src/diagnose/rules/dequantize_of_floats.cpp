// QG3114: a DequantizeLinear that reads floats: what made its integers is gone, or they carry another label.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "diagnose/onnx_values.hpp"
#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/stored_bytes.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"
#include "source/numbers.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

/// As int32 the bytes are small against the whole range; as floats small integers are denormal, which trained values never are.
bool integers_under_a_float_label(const RuleContext& c, TensorRef t) {
  const Result<Buffer> data = c.model.data(t);
  if (!data.ok() || data->bytes.size() < 4 || data->bytes.size() % 4 != 0) return false;
  std::size_t odd = 0;
  const std::size_t count = data->bytes.size() / 4;
  for (std::size_t i = 0; i < count; ++i) {
    float v = 0;
    std::memcpy(&v, data->bytes.data() + 4 * i, 4);
    odd += !std::isfinite(v) || std::fpclassify(v) == FP_SUBNORMAL || v == 0.0F ? 1U : 0U;
  }
  return odd * 10 >= count * 9;
}

/// The floats as integers of the node's own parameters; exact where every value is a whole number of steps.
std::optional<std::vector<std::byte>> quantized_by(const RuleContext& c, TensorRef t, const source::QuantizationSite& site,
                                                   DType to) {
  auto values = c.model.numbers(t);
  if (!values || site.scales.values.size() != 1 || !sound_scale(site.scales.values[0])) return std::nullopt;
  const double zero = site.zero_points.values.empty() ? 0 : site.zero_points.values[0];
  for (double& v : *values) {
    const double step = v / site.scales.values[0];
    if (std::fabs(step - std::nearbyint(step)) > 1e-2) return std::nullopt;
    v = std::nearbyint(step) + zero;
  }
  return source::encode_numbers(to, *values);
}

void mend(const RuleContext& c, NodeRef ref, TensorRef t, const source::QuantizationSite& site, Finding& f) {
  Diagnostic& d = f.diagnostic;
  const source::SourceNode& node = c.model[ref];
  const DType zero = site.zero_points.dtype;
  const std::string called = in_quotes(c.model.display_name(t));
  if (!is_integer(zero)) return;
  if (c.model[t].data.exists()) {
    if (bits(zero) == bits(c.model[t].dtype) && integers_under_a_float_label(c, t)) {
      d.evidence.push_back(evidence("as floats", "no ordinary number among them; as integers they are"));
      d.why = "the label was changed, and the integers were left";
      d.fix = fix("relabel-" + std::string(name(zero)), Confidence::likely,
                  fmt::format("read {} as {}, the dtype of its zero point", called, name(zero)));
      f.edits = {source::SetDType{t, zero}};
    } else if (auto bytes = quantized_by(c, t, site, zero)) {
      d.evidence.push_back(evidence("steps", "every value is a whole multiple of the scale"));
      d.fix = fix("quantize-data", Confidence::likely, fmt::format("store {} as {} by the node's own scale", called, name(zero)));
      f.edits = {source::SetDType{t, zero}, source::SetData{t, Buffer::copy_of(*bytes)}};
    }
    return;
  }
  if (!site.scales.tensor) return;
  const auto made = TensorRef{ref.graph, static_cast<std::uint32_t>(c.model.graphs[ref.graph].tensors.size())};
  source::SourceNode quantize{.op = "QuantizeLinear", .domain = node.domain, .version = node.version};
  quantize.inputs = {t, site.scales.tensor, site.zero_points.tensor};
  quantize.outputs = {made};
  f.edits = {
      source::AddTensor{ref.graph, {.dtype = zero, .shape = c.model[t].shape}, c.model.display_name(t) + "_quantized_mended"},
      source::AddNode{ref.graph, ref.index, quantize}};
  if (site.axis >= 0 && site.scales.values.size() > 1)
    f.edits.push_back(source::SetAttribute{ref, "axis", AttributeValue(std::int64_t{site.axis})});
  f.edits.push_back(source::SetInput{NodeRef{ref.graph, ref.index + 1}, 0, made});
  d.fix = fix("insert-quantize", Confidence::likely,
              fmt::format("quantize {} in front of the node, with the node's own scale and zero point", called));
}

/// The QuantizeLinear behind it with the same parameters: the two ops are exchanged.
NodeRef exchanged_with(const RuleContext& c, NodeRef ref, const source::QuantizationSite& site) {
  const source::SourceNode& node = c.model[ref];
  if (c.model[node.inputs[0]].data.exists() || node.outputs.empty() || !node.outputs[0]) return {};
  const auto readers = c.uses.consumers(node.outputs[0]);
  if (readers.size() != 1 || readers[0].input != 0 || c.model[readers[0].node].op != "QuantizeLinear") return {};
  for (const source::QuantizationSite& other : c.model.sites)
    if (other.node == readers[0].node)
      return other.scales.known && other.scales.values == site.scales.values &&
                     other.zero_points.values == site.zero_points.values
                 ? other.node
                 : NodeRef{};
  return {};
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "onnx") return;
  const BrokenFacts broken(findings);
  for (const source::QuantizationSite& site : c.model.sites) {
    const NodeRef ref = site.node;
    if (!ref || c.model[ref].op != "DequantizeLinear" || broken.any(ref)) continue;
    const TensorRef t = c.model[ref].inputs[0];
    if (!t || t.dangling() || broken.any(t) || stored_bytes(c, t).verdict != Stored::as_declared) continue;
    const auto dtype = dtype_made(c.model, c.uses, t);
    if (!dtype || (*dtype != DType::float32 && *dtype != DType::float16 && *dtype != DType::float64 && *dtype != DType::bfloat16))
      continue;
    Finding f = finding(Severity::error, c.model[t].data.exists() ? Cause::dtype_contradiction : Cause::missing_conversion,
                        fmt::format("DequantizeLinear {} reads {} {}", in_quotes(c.model.display_name(ref)), name(*dtype),
                                    in_quotes(c.model.display_name(t))),
                        {c.model.place(ref, t)});
    Diagnostic& d = f.diagnostic;
    d.expected = is_integer(site.zero_points.dtype) ? std::string(name(site.zero_points.dtype)) : "integers";
    d.found = std::string(name(*dtype));
    d.evidence = {evidence("input", fmt::format("{}[...]", name(*dtype)))};
    if (site.zero_points.tensor)
      d.evidence.push_back(evidence("zero", fmt::format("{} is {}", in_quotes(c.model.display_name(site.zero_points.tensor)),
                                                        name(site.zero_points.dtype))));
    if (!site.scales.values.empty()) d.evidence.push_back(evidence("scale", number_text(site.scales.values[0])));
    d.why = c.model[t].data.exists() ? "the constant is declared float where the node takes integers"
                                     : "the QuantizeLinear in front was removed, and the node left";
    if (const NodeRef behind = exchanged_with(c, ref, site)) {
      d.places.push_back(c.model.place(behind));
      d.evidence.push_back(evidence("behind", node_text(c.model, behind) + ", with the same scale and zero point"));
      d.why = "the two ops of a pair are exchanged: floats come in and are wanted behind";
      d.fix = fix("exchange-pair", Confidence::likely,
                  fmt::format("make {} the QuantizeLinear, and {} the DequantizeLinear", in_quotes(c.model.display_name(ref)),
                              in_quotes(c.model.display_name(behind))));
      f.edits = {source::SetOp{ref, "QuantizeLinear", std::string(c.model[ref].domain)},
                 source::SetOp{behind, "DequantizeLinear", std::string(c.model[behind].domain)}};
      for (const NodeRef one : {ref, behind}) f.breaks.push_back(Fact::tensor(c.model[one].outputs[0], Aspect::dtype));
      f.breaks.push_back(Fact::node(behind, Aspect::attributes));
    } else {
      mend(c, ref, t, site, f);
    }
    f.rests_on = {Fact::node(ref, Aspect::existence)};
    f.breaks.push_back(Fact::tensor(t, Aspect::dtype));
    f.breaks.push_back(Fact::node(ref, Aspect::attributes));
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule dequantize_of_floats{
    .code = "QG3114",
    .title = "a dequantizing node reads floats",
    .phase = Phase::ops,
    .explanation =
        R"(DequantizeLinear turns integers into reals, and here its input holds reals already. Either the QuantizeLinear in front of
it was removed without it (the graph then computes with unquantized values, or no runtime takes it), or a constant of
integers was labelled float.

The node's scale and zero point are still there: the mend quantizes the value with them again, or, of a constant whose
bytes are integers, writes the zero point's dtype.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
