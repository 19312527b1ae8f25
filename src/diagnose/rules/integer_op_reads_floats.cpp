// QG3130: ONNX: an op of quantized integers reads floats: what quantized them is gone.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "diagnose/onnx_values.hpp"
#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"
#include "source/numbers.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

/// How far a constant lies off the steps of one scale, as a part of a step, and its integers.
struct Steps {
  std::vector<double> integers{};
  double furthest = 0;
};
std::optional<Steps> steps_of(const RuleContext& c, TensorRef t, const source::QuantizationSite& site) {
  auto values = c.model.numbers(t);
  const Shape& shape = c.model[t].shape;
  const std::vector<double>&scales = site.scales.values, &zeros = site.zero_points.values;
  if (!values || !shape.is_static() || !sound_scales(scales) || scales.empty() || site.block_size != 0) return std::nullopt;
  const auto axis = static_cast<std::size_t>(std::max(site.axis, 0));
  std::size_t inner = 1;
  if (scales.size() > 1) {
    if (site.axis < 0 || axis >= shape.rank() || shape[axis] != static_cast<std::int64_t>(scales.size())) return std::nullopt;
    for (std::size_t i = axis + 1; i < shape.rank(); ++i) inner *= static_cast<std::size_t>(shape[i]);
  }
  if (zeros.size() > 1 && zeros.size() != scales.size()) return std::nullopt;
  Steps s;
  for (std::size_t i = 0; i < values->size(); ++i) {
    if (!std::isfinite((*values)[i])) return std::nullopt;
    const std::size_t channel = scales.size() > 1 ? i / inner % scales.size() : 0;
    const double step = (*values)[i] / scales[channel];
    s.furthest = std::max(s.furthest, std::fabs(step - std::nearbyint(step)));
    s.integers.push_back(std::nearbyint(step) + (zeros.empty() ? 0 : zeros[zeros.size() > 1 ? channel : 0]));
  }
  return s;
}

void mend(const RuleContext& c, NodeRef ref, std::uint32_t input, TensorRef t, const source::QuantizationSite& site, Finding& f) {
  Diagnostic& d = f.diagnostic;
  const std::string called = in_quotes(c.model.display_name(t));
  const DType to = site.zero_points.dtype;
  if (!is_integer(to) || !site.zero_points.tensor || !site.scales.known) return;
  if (c.model[t].data.exists()) {
    const auto steps = steps_of(c, t, site);
    const auto bytes = steps ? source::encode_numbers(to, steps->integers) : std::nullopt;
    if (!bytes) return;
    const auto made = TensorRef{ref.graph, static_cast<std::uint32_t>(c.model.graphs[ref.graph].tensors.size())};
    source::SourceTensor stored{.dtype = to, .shape = c.model[t].shape};
    stored.data = {.encoding = source::Encoding::raw, .bytes = Buffer::copy_of(*bytes)};
    d.evidence.push_back(evidence("steps", fmt::format("at most {} of a step off", number_text(steps->furthest))));
    d.fix = fix("quantize-data", Confidence::likely, fmt::format("store {} as {} by the op's own scale", called, name(to)));
    f.edits = {source::AddTensor{ref.graph, std::move(stored), c.model.display_name(t) + "_quantized_mended"},
               source::SetInput{ref, input, made}};
    return;
  }
  if (site.scales.values.size() != 1) return;
  const NodeRef maker = c.uses.producer(t);
  if (maker && c.model[maker].op == "DequantizeLinear" && c.model[maker].inputs.size() > 2 &&
      c.model[maker].inputs[1] == site.scales.tensor && c.model[maker].inputs[2] == site.zero_points.tensor &&
      c.model[maker].inputs[0]) {
    d.why = "what turns the integers into reals stands between, with the op's own parameters";
    d.fix = fix("read-integers", Confidence::safe, "read the integers in front of the DequantizeLinear", 0.0);
    f.edits = {source::SetInput{ref, input, c.model[maker].inputs[0]}};
    return;
  }
  const auto opset = c.model.domains.find("ai.onnx");
  const auto made = TensorRef{ref.graph, static_cast<std::uint32_t>(c.model.graphs[ref.graph].tensors.size())};
  source::SourceNode quantize{
      .op = "QuantizeLinear", .domain = "ai.onnx", .version = opset == c.model.domains.end() ? 13 : opset->second};
  quantize.inputs = {t, site.scales.tensor, site.zero_points.tensor};
  quantize.outputs = {made};
  d.fix = fix("insert-quantize", Confidence::likely,
              fmt::format("quantize {} in front of the op, with the op's own scale and zero point", called));
  f.edits = {
      source::AddTensor{ref.graph, {.dtype = to, .shape = c.model[t].shape}, c.model.display_name(t) + "_quantized_mended"},
      source::AddNode{ref.graph, ref.index, quantize}, source::SetInput{NodeRef{ref.graph, ref.index + 1}, input, made}};
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "onnx") return;
  const BrokenFacts broken(findings);
  for (const source::QuantizationSite& site : c.model.sites) {
    const NodeRef ref = site.node;
    const TensorRef t = site.stored;
    if (!ref || site.where != source::Where::node_inputs || !t || t.dangling() || broken.any(ref) || broken.any(t)) continue;
    const source::SourceNode& node = c.model[ref];
    if (!node.op.starts_with("QLinear") && node.op != "QGemm") continue;
    const auto at = std::ranges::find(node.inputs, t);
    const auto dtype = at == node.inputs.end() ? std::nullopt : dtype_made(c.model, c.uses, t);
    if (!dtype || *dtype != DType::float32) continue;
    const auto input = static_cast<std::uint32_t>(at - node.inputs.begin());
    Finding f = finding(Severity::error, Cause::missing_conversion,
                        fmt::format("{} {} reads {} {}", node.op, in_quotes(c.model.display_name(ref)), name(*dtype),
                                    in_quotes(c.model.display_name(t))),
                        {c.model.place(ref, t)});
    Diagnostic& d = f.diagnostic;
    d.expected = is_integer(site.zero_points.dtype) ? std::string(name(site.zero_points.dtype)) : "int8 or uint8";
    d.found = std::string(name(*dtype));
    d.evidence = {evidence("input", fmt::format("{}[...]", name(*dtype)))};
    if (!site.scales.values.empty()) d.evidence.push_back(evidence("scale", number_text(site.scales.values[0])));
    d.why = c.model[t].data.exists() ? "the constant was left in floats when the op was quantized"
                                     : "the QuantizeLinear in front was left out, or removed";
    mend(c, ref, input, t, site, f);
    f.rests_on = {Fact::node(ref, Aspect::existence)};
    f.breaks = {Fact::tensor(t, Aspect::dtype), Fact::node(ref, Aspect::attributes)};
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule integer_op_reads_floats{
    .code = "QG3130",
    .title = "an op of quantized integers reads floats",
    .phase = Phase::ops,
    .explanation =
        R"(A QLinear op computes with integers, and one of its operands holds reals: the QuantizeLinear in front of it was left out
or removed, or a constant was not quantized with its op.

The op says itself with which scale and zero point it reads the operand. The mend quantizes the value with them; where a
DequantizeLinear with the same parameters stands between, the op reads the integers in front of that.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
