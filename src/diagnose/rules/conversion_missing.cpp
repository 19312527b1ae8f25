// QG3111: a float op reads quantized integers, and nothing between turns them into reals.
#include <spdlog/fmt/fmt.h>

#include <algorithm>

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

bool quantized_activation(const RuleContext& c, TensorRef t) {
  if (!t || t.dangling() || c.model[t].data.exists()) return false;
  const DType dtype = stored_dtype(c.model, c.uses, t);
  return is_integer(dtype) && bits(dtype) <= 16 && has_parameters(c.model, c.uses, t);
}

/// ONNX: a value that a QuantizeLinear made.
bool made_by_quantize(const RuleContext& c, TensorRef t) {
  const NodeRef maker = t && !t.dangling() ? c.uses.producer(t) : NodeRef{};
  return maker && c.model[maker].op == "QuantizeLinear";
}

/// ONNX: ops that are defined for floats alone, or that read a real beside the integers.
bool float_op(const RuleContext& c, const source::SourceNode& node) {
  if (node.domain != "ai.onnx") return false;
  if (defined_for_floats(c.model, node) || node.op == "Gemm") return true;  // Gemm takes integers, of 32 bits and more
  if (node.op != "MatMul" && node.op != "Add" && node.op != "Mul" && node.op != "Sub" && node.op != "Div") return false;
  return std::ranges::any_of(node.inputs, [&](TensorRef t) {
    const NodeRef maker = t && !t.dangling() ? c.uses.producer(t) : NodeRef{};
    return (t && !t.dangling() && is_float(c.model[t].dtype)) || (maker && c.model[maker].op == "DequantizeLinear");
  });
}

/// The op computes floats from floats: it has a kernel for them, and everything beside the quantized operands is float.
bool computes_in_float(const RuleContext& c, const source::SourceNode& node, const BrokenFacts& broken) {
  const OpRow* row = source::row_of(c.model, node);
  const OpDef* op = row ? canonical_op(*row) : nullptr;
  if (!op || op->moves_bytes || op->reads_shapes_only || op->bodies != 0 || op->name == "cast" || op->name == "dequantize" ||
      op->name == "quantize")
    return false;
  if (std::ranges::find(op->reference, DType::float32, &KernelDef::primary) == op->reference.end()) return false;
  for (const TensorRef t : node.outputs)
    if (t && !t.dangling() && (!is_float(c.model[t].dtype) || source::site_of(c.model, c.uses, t) || broken.any(t))) return false;
  bool floats = false, others = false;
  for (const TensorRef t : node.inputs) {
    if (!t || t.dangling() || quantized_activation(c, t)) continue;
    if (broken.any(t)) return false;
    floats = floats || is_float(c.model[t].dtype);
    others = others || (!is_float(c.model[t].dtype) && has_parameters(c.model, c.uses, t));
  }
  return !others && (floats || node.inputs.size() == 1);
}

/// TFLite: quantized weights that are computed at run time, beside float activations: a dynamic range kernel takes them as they
/// are.
bool dynamic_range_operand(const RuleContext& c, const source::SourceNode& node, std::size_t input) {
  const OpRow* row = source::row_of(c.model, node);
  const OpDef* op = row ? canonical_op(*row) : nullptr;
  const int at = static_cast<int>(input);
  return op && at != 0 && (at == op->primary || at == op->secondary) &&
         (op->attributes.find("dynamic_range") || op->attributes.find("asymmetric_inputs"));
}

/// A DEQUANTIZE in front of the operand.
std::vector<source::Edit> conversion(const RuleContext& c, NodeRef ref, std::uint32_t input, TensorRef t) {
  const source::QuantizationSite* site = source::site_of(c.model, c.uses, t);
  const bool onnx = c.model.format == "onnx";
  if (!site || (onnx ? !site->scales.tensor : site->where != source::Where::tensor)) return {};
  const auto made = TensorRef{ref.graph, static_cast<std::uint32_t>(c.model.graphs[ref.graph].tensors.size())};
  source::SourceTensor real{.dtype = DType::float32, .shape = c.model[t].shape};
  source::SourceNode node{.op = onnx ? "DequantizeLinear" : "DEQUANTIZE",
                          .domain = onnx ? "ai.onnx" : "tflite",
                          .version = onnx ? c.model[ref].version : 2};
  node.inputs = {t};
  if (onnx) node.inputs.push_back(site->scales.tensor);
  if (onnx && site->zero_points.tensor) node.inputs.push_back(site->zero_points.tensor);
  node.outputs = {made};
  return {source::AddTensor{ref.graph, real, c.model.display_name(t) + "_dequantized"},
          source::AddNode{ref.graph, ref.index, node}, source::SetInput{NodeRef{ref.graph, ref.index + 1}, input, made}};
}

/// A node says how these integers stand for reals; an annotation alone converts nothing.
bool read_by_quantizing_node(const RuleContext& c, TensorRef t) {
  return std::ranges::any_of(c.uses.sites(t), [&](std::uint32_t s) { return static_cast<bool>(c.model.sites[s].node); });
}

/// ONNX: the axis of the output channels of an op's second operand.
std::int64_t channel_axis(const RuleContext& c, const source::SourceNode& node) {
  if (node.op == "MatMul") return 1;
  const auto transposed = node.op == "Gemm" ? c.model.attribute(node, "transB") : std::nullopt;
  const auto* on = transposed ? std::get_if<std::int64_t>(&*transposed) : nullptr;
  return node.op == "Gemm" && !(on && *on != 0) ? 1 : 0;
}

/// ONNX: a DequantizeLinear in front of constant weights, with scales that follow from the bias.
void mend_constant(const RuleContext& c, NodeRef ref, std::uint32_t input, TensorRef t, Finding& f) {
  const std::string called = c.model.display_name(t);
  if (const source::QuantizationSite* told = source::site_of(c.model, c.uses, t); told && told->scales.tensor) {
    f.diagnostic.evidence.push_back(
        evidence("annotated", fmt::format("{} holds its scale", in_quotes(c.model.display_name(told->scales.tensor)))));
    f.edits = conversion(c, ref, input, t);
    if (told->scales.values.size() > 1 && !f.edits.empty())
      f.edits.push_back(source::SetAttribute{ref, "axis", AttributeValue(std::int64_t{told->axis})});
    if (!f.edits.empty())
      f.diagnostic.fix =
          fix("insert-dequantize", Confidence::likely,
              fmt::format("put a DequantizeLinear between {} and the op, with its annotated parameters", in_quotes(called)));
    return;
  }
  const auto guess = guess_parameters(c.model, c.uses, t);
  if (!guess || guess->quantization.scales.empty()) {
    f.diagnostic.fix = fix("give-scale", Confidence::needs_input,
                           fmt::format("{} needs a DequantizeLinear, whose scale is not in the file", in_quotes(called)));
    return;
  }
  const std::vector<double> scales(guess->quantization.scales.begin(), guess->quantization.scales.end());
  const auto bytes = source::encode_numbers(DType::float32, scales);
  if (!bytes) return;
  const auto next = static_cast<std::uint32_t>(c.model.graphs[ref.graph].tensors.size());
  const bool several = scales.size() > 1;
  source::SourceTensor scale{.dtype = DType::float32,
                             .shape = several ? Shape{static_cast<std::int64_t>(scales.size())} : Shape{}};
  scale.data = {.encoding = source::Encoding::raw, .bytes = Buffer::copy_of(*bytes)};
  source::SourceNode node{.op = "DequantizeLinear", .domain = "ai.onnx", .version = c.model[ref].version};
  node.inputs = {t, TensorRef{ref.graph, next}};
  node.outputs = {TensorRef{ref.graph, next + 1}};
  f.diagnostic.evidence.push_back(evidence("follows", guess->because));
  f.diagnostic.fix = fix(
      "insert-dequantize", Confidence::likely,
      fmt::format("put a DequantizeLinear between {} and the op, with {}", in_quotes(called), counted(scales.size(), "scale")));
  f.edits = {source::AddTensor{ref.graph, std::move(scale), called + "_scale_mended"},
             source::AddTensor{ref.graph, {.dtype = DType::float32, .shape = c.model[t].shape}, called + "_dequantized"},
             source::AddNode{ref.graph, ref.index, node}};
  if (several) f.edits.push_back(source::SetAttribute{ref, "axis", AttributeValue(channel_axis(c, c.model[ref]))});
  f.edits.push_back(source::SetInput{NodeRef{ref.graph, ref.index + 1}, input, TensorRef{ref.graph, next + 1}});
}

/// ONNX: a float op that reads a constant of narrow integers.
void check_constants(const RuleContext& c, const BrokenFacts& broken, Findings& findings) {
  each_node(c.model, [&](NodeRef ref, const source::SourceNode& node) {
    if (broken.any(ref) || node.domain != "ai.onnx") return;
    for (std::uint32_t i = 0; i < node.inputs.size(); ++i) {
      const TensorRef t = node.inputs[i];
      if (!t || t.dangling() || !c.model[t].data.exists() || !is_integer(c.model[t].dtype) || bits(c.model[t].dtype) > 16 ||
          broken.any(t))
        continue;
      if (!(defined_for_floats(c.model, node) || float_op(c, node)) || read_by_quantizing_node(c, t)) continue;
      Finding f = finding(Severity::error, Cause::missing_conversion,
                          fmt::format("float {} {} reads {} constant {}", node.op, in_quotes(c.model.display_name(ref)),
                                      name(c.model[t].dtype), in_quotes(c.model.display_name(t))),
                          {c.model.place(ref, t)});
      Diagnostic& d = f.diagnostic;
      d.expected = "float32";
      d.found = std::string(name(c.model[t].dtype));
      d.evidence = {evidence("constant", type_text(c.model[t]))};
      d.why = "the DequantizeLinear in front of it was left out, or removed";
      mend_constant(c, ref, i, t, f);
      f.breaks = {Fact::node(ref, Aspect::attributes), Fact::tensor(t, Aspect::quantization)};
      findings.add(std::move(f));
    }
  });
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format == "onnx") check_constants(c, BrokenFacts(findings), findings);
  if (c.model.format != "tflite" && c.model.format != "onnx") return;
  const BrokenFacts broken(findings);
  each_node(c.model, [&](NodeRef ref, const source::SourceNode& node) {
    if (broken.any(ref)) return;
    const bool onnx = c.model.format == "onnx";
    const auto at = std::ranges::find_if(node.inputs,
                                         [&](TensorRef t) { return onnx ? made_by_quantize(c, t) : quantized_activation(c, t); });
    if (at == node.inputs.end() || broken.has(Fact::tensor(*at, Aspect::quantization)) ||
        !(onnx ? float_op(c, node) : computes_in_float(c, node, broken)))
      return;
    const TensorRef t = *at;
    const auto input = static_cast<std::uint32_t>(at - node.inputs.begin());
    if (!onnx && dynamic_range_operand(c, node, input)) return;
    Finding f = finding(Severity::error, Cause::missing_conversion,
                        fmt::format("float {} {} reads {} without a conversion between", node.op,
                                    in_quotes(c.model.display_name(ref)), name(stored_dtype(c.model, c.uses, t))),
                        {c.model.place(ref, t)});
    Diagnostic& d = f.diagnostic;
    d.expected = "float32";
    d.found = std::string(name(stored_dtype(c.model, c.uses, t)));
    d.evidence = {evidence("input", type_text(c.model[t]))};
    if (const source::QuantizationSite* site = source::site_of(c.model, c.uses, t); site && !site->scales.values.empty())
      d.evidence.push_back(evidence("scale", number_text(site->scales.values[0])));
    for (const TensorRef o : node.outputs)
      if (o && !o.dangling()) d.evidence.push_back(evidence("output", type_text(c.model[o])));
    d.why = "the conversion was left out, or removed with the float part of the graph around it";
    f.edits = conversion(c, ref, input, t);
    if (!f.edits.empty())
      d.fix =
          Fix{.id = "insert-dequantize",
              .confidence = Confidence::likely,
              .description = fmt::format("put a conversion to reals between {} and the op", in_quotes(c.model.display_name(t)))};
    f.rests_on = {Fact::tensor(t, Aspect::dtype), Fact::tensor(t, Aspect::quantization)};
    f.breaks = {Fact::node(ref, Aspect::attributes)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule conversion_missing{
    .code = "QG3111",
    .title = "a float op reads quantized integers",
    .phase = Phase::sizes,
    .explanation =
        R"(A node computes in floats, and one of its operands is a tensor of quantized integers: the DEQUANTIZE (ONNX:
DequantizeLinear) that stood between them is gone. Some runtimes refuse the file, others take the integers for reals.

The operand's scale and zero point are in the file, beside it or at the node that quantized it, so the mend puts the
conversion back. Of constant weights without any, the scale follows from the bias where there is one.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
