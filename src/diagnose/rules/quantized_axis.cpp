// QG3104: the axis of per-axis scales is not one, or not one of as many elements as there are scales.
#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "diagnose/rule.hpp"
#include "diagnose/scale_evidence.hpp"
#include "diagnose/stored_bytes.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

/// The only axis with as many elements as there are scales.
std::optional<std::size_t> axis_of_length(const Shape& shape, std::size_t scales) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    if (shape[i] != static_cast<std::int64_t>(scales)) continue;
    if (found) return std::nullopt;
    found = i;
  }
  return found;
}

/// ONNX: the axis of the output channels of weights behind a DequantizeLinear.
std::optional<std::size_t> channel_axis_behind(const RuleContext& c, const source::SourceNode& dequantize) {
  if (dequantize.op != "DequantizeLinear" || dequantize.outputs.empty()) return std::nullopt;
  for (const auto& use : c.uses.consumers(dequantize.outputs[0])) {
    const source::SourceNode& node = c.model[use.node];
    if (use.input != 1) continue;
    if (node.op == "Conv") return 0;
    if (node.op == "MatMul" && c.model[dequantize.inputs[0]].shape.rank() == 2) return 1;
    if (node.op == "Gemm") {
      const auto transposed = c.model.attribute(node, "transB");
      const auto* on = transposed ? std::get_if<std::int64_t>(&*transposed) : nullptr;
      return on && *on != 0 ? 0 : 1;
    }
  }
  return std::nullopt;
}

/// The axis of the output channels of an op's weights. A matrix product and convolutions have it first, a depthwise one last.
std::optional<std::size_t> channel_axis(const RuleContext& c, source::TensorRef t) {
  for (const auto& use : c.uses.consumers(t)) {
    const source::SourceNode& node = c.model[use.node];
    const OpRow* row = source::row_of(c.model, node);
    if (node.domain != "tflite" || !row || !row->integer_accumulator || source::operand(c.model, node, *row, "weights") != t)
      continue;
    const std::size_t axis = node.op == "DEPTHWISE_CONV_2D" ? 3 : 0;
    if (axis < c.model[t].shape.rank()) return axis;
  }
  return std::nullopt;
}

Quantization with_axis(const source::QuantizationSite& site, std::size_t axis) {
  Quantization q{.axis = static_cast<int>(axis), .block_size = site.block_size};
  for (const double s : site.scales.values) q.scales.push_back(static_cast<float>(s));
  for (const double z : site.zero_points.values) q.zero_points.push_back(static_cast<std::int64_t>(z));
  return q;
}

/// An activation's parameters, repeated.
std::optional<Quantization> of_one_scale(const RuleContext& c, const source::QuantizationSite& site) {
  if (c.model[site.stored].data.exists()) return std::nullopt;
  const auto alike = [](const std::vector<double>& list) {
    return std::ranges::all_of(list, [&](double v) { return v == list[0]; });
  };
  if (!alike(site.scales.values) || !alike(site.zero_points.values)) return std::nullopt;
  Quantization q{.axis = -1};
  q.scales.push_back(static_cast<float>(site.scales.values[0]));
  if (!site.zero_points.values.empty()) q.zero_points.push_back(quantization_of(site).zero_point());
  return q;
}

/// ONNX: the shape that Transposes make of one that is known.
Shape transposed_shape(const RuleContext& c, source::TensorRef t, int most_steps = 8) {
  if (!t || t.dangling() || c.model[t].shape.ranked() || most_steps == 0)
    return !t || t.dangling() ? Shape::unknown_rank() : c.model[t].shape;
  const source::NodeRef maker = c.uses.producer(t);
  if (!maker || c.model[maker].op != "Transpose" || c.model[maker].domain != "ai.onnx" || c.model[maker].inputs.empty())
    return Shape::unknown_rank();
  const Shape before = transposed_shape(c, c.model[maker].inputs[0], most_steps - 1);
  if (!before.ranked()) return before;
  const auto written = c.model.attribute(c.model[maker], "perm");
  const auto* perm = written ? std::get_if<std::vector<std::int64_t>>(&*written) : nullptr;
  if (written && (!perm || perm->size() != before.rank())) return Shape::unknown_rank();
  Shape after = before;
  for (std::size_t i = 0; i < before.rank(); ++i) {
    const std::int64_t from = perm ? (*perm)[i] : static_cast<std::int64_t>(before.rank() - 1 - i);
    if (from < 0 || from >= static_cast<std::int64_t>(before.rank())) return Shape::unknown_rank();
    after[i] = before[static_cast<std::size_t>(from)];
  }
  return after;
}

/// As declared, or as the reals on this or the other side of a pair are declared.
Shape known_shape(const RuleContext& c, const source::QuantizationSite& site) {
  const Shape own = transposed_shape(c, site.stored);
  if (own.ranked()) return own;
  for (const std::uint32_t s : c.uses.sites(site.stored)) {
    const source::QuantizationSite& other = c.model.sites[s];
    if (other.stored == site.stored && other.real && !other.real.dangling() && c.model[other.real].shape.ranked())
      return c.model[other.real].shape;
  }
  return own;
}

/// Scales that follow from the neighbours, where they are as many as an axis has elements.
void mend_count(const RuleContext& c, source::TensorRef t, Finding& f) {
  const auto guess = guess_parameters(c.model, c.uses, t);
  const Shape& shape = c.model[t].shape;
  if (!guess || guess->quantization.axis < 0 || static_cast<std::size_t>(guess->quantization.axis) >= shape.rank()) return;
  if (shape[static_cast<std::size_t>(guess->quantization.axis)] != static_cast<std::int64_t>(guess->quantization.scales.size()))
    return;
  f.diagnostic.evidence.push_back(evidence("follows", guess->because));
  f.diagnostic.fix =
      Fix{.id = guess->id, .confidence = guess->confidence, .description = guess->describe(c.model.display_name(t))};
  f.edits = set_parameters(c.model, t, guess->quantization);
}

/// ONNX: an axis that the tensor does not have, beside one scale, to which it means nothing.
void check_idle_axis(const RuleContext& c, const BrokenFacts& broken, const source::QuantizationSite& site, Findings& findings) {
  const source::TensorRef t = site.stored;
  const source::SourceNode& node = c.model[site.node];
  const auto written = c.model.attribute(node, "axis");
  const auto* axis = written ? std::get_if<std::int64_t>(&*written) : nullptr;
  const Shape* shape = &c.model[t].shape;
  if (!shape->ranked() && site.real) shape = &c.model[site.real].shape;
  if (!axis || !shape->ranked() || shape->rank() == 0 || site.block_size != 0 || broken.any(t) || broken.any(site.node)) return;
  const auto rank = static_cast<std::int64_t>(shape->rank());
  if (*axis < rank && *axis >= -rank) return;
  Place place = c.model.place(site.node, t);
  place.attribute = "axis";
  Finding f = finding(Severity::warning, Cause::invalid_quantization,
                      fmt::format("{} {}: axis {} of {}, which has {}", node.op, in_quotes(c.model.display_name(site.node)),
                                  *axis, in_quotes(c.model.display_name(t)), rank == 1 ? "one" : std::to_string(rank)),
                      {std::move(place)});
  Diagnostic& d = f.diagnostic;
  d.expected = "an axis of the tensor, or none";
  d.found = fmt::format("axis {}", *axis);
  d.evidence = {evidence("declared", shape->to_string()), evidence("scales", "1: of the whole tensor")};
  d.why = "with one scale the axis means nothing, but several importers look it up before they count the scales";
  d.fix = fix("drop-axis", Confidence::safe, "leave the axis out", 0.0);
  f.edits = {source::SetAttribute{site.node, "axis", std::nullopt}};
  findings.add(std::move(f));
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  for (std::size_t s = 0; s < c.model.sites.size(); ++s) {
    const source::QuantizationSite& site = c.model.sites[s];
    const source::TensorRef t = site.stored;
    const std::size_t count = site.scales.values.size();
    const bool pair = site.node && (c.model[site.node].op == "DequantizeLinear" || c.model[site.node].op == "QuantizeLinear");
    if (pair && t && site.scales.known && count == 1) check_idle_axis(c, broken, site, findings);
    if (!t || !site.scales.known || count < 2 || informs_only(c.model, site) || site.block_size != 0 ||
        (site.where != source::Where::tensor && !pair))
      continue;
    if (pair && broken.any(site.node)) continue;
    const source::SourceTensor& tensor = c.model[t];
    const Shape shape = known_shape(c, site);
    if (!shape.ranked() || broken.has(Fact::tensor(t, Aspect::shape))) continue;
    const std::size_t rank = shape.rank();
    const bool inside = site.axis >= 0 && static_cast<std::size_t>(site.axis) < rank;
    const bool unknown = inside ? shape[static_cast<std::size_t>(site.axis)] < 0 : !shape.is_static();
    if (unknown) continue;
    const auto of_op = pair ? std::nullopt : channel_axis(c, t);
    const bool as_long = inside && shape[static_cast<std::size_t>(site.axis)] == static_cast<std::int64_t>(count);
    if (as_long && (!of_op || *of_op == static_cast<std::size_t>(site.axis))) continue;  // as it should be
    const bool op_fits = of_op && shape[*of_op] == static_cast<std::int64_t>(count);
    auto fitting = !of_op ? axis_of_length(shape, count) : op_fits ? of_op : std::nullopt;
    const auto behind = pair && !fitting && !inside ? channel_axis_behind(c, c.model[site.node]) : std::nullopt;
    if (behind && *behind < rank && shape[*behind] == static_cast<std::int64_t>(count)) fitting = behind;
    // A one-dimensional bias marked with its weights' axis: several converters wrote it so, and there is only one axis.
    // And kernels that know their weights' axis pass over another one of the same length.
    const bool harmless = (as_long && op_fits) || (rank == 1 && fitting.has_value());
    const std::string length = inside ? fmt::format("{} elements", shape[static_cast<std::size_t>(site.axis)]) : "there is none";
    const source::NodeRef maker = c.uses.producer(t);
    Finding f =
        finding(harmless ? Severity::warning : Severity::error, Cause::invalid_quantization,
                fmt::format("{}: {} scales along axis {} of {}", constant_text(c, t), count, site.axis, shape.to_string()),
                {pair    ? c.model.place(site.node, t)
                 : maker ? c.model.place(maker, t)
                         : place_of_constant(c, t)});
    Diagnostic& d = f.diagnostic;
    d.expected = fitting ? fmt::format("axis {}", *fitting) : "as many scales as an axis has elements";
    d.found = fmt::format("axis {}", site.axis);
    d.evidence = {evidence("declared", type_text(tensor)), evidence("scales", std::to_string(count)),
                  evidence("axis", fmt::format("{} ({})", site.axis, length))};
    if (const auto one = of_one_scale(c, site)) {
      d.why = "activations have one scale, and all of these are the same";
      d.expected = "one scale";
      d.fix = fix("one-scale", Confidence::safe,
                  fmt::format("give {} the one scale {}", in_quotes(c.model.display_name(t)), number_text(site.scales.values[0])),
                  0.0);
      f.edits = set_parameters(c.model, t, *one);
    } else if (fitting) {
      d.why = of_op || behind ? fmt::format("the output channels of the op's weights lie along axis {}", *fitting)
                              : fmt::format("only axis {} has {} elements", *fitting, count);
      d.fix = fix("axis-from-scales", Confidence::safe, fmt::format("read the scales along axis {}", *fitting), 0.0);
      if (pair)
        f.edits = {source::SetAttribute{site.node, "axis", AttributeValue(static_cast<std::int64_t>(*fitting))},
                   source::SetQuantization{s, t, with_axis(site, *fitting)}};
      else
        f.edits = {source::SetQuantization{s, t, with_axis(site, *fitting)}};
    } else {
      d.why = "scales were lost or added, or belong to another tensor";
      mend_count(c, t, f);
    }
    f.rests_on = {Fact::tensor(t, Aspect::shape), Fact::tensor(t, Aspect::existence)};
    f.breaks = {Fact::tensor(t, Aspect::quantization)};
    findings.add(std::move(f));
  }
}

}  // namespace

extern constexpr Rule quantized_axis{
    .code = "QG3104",
    .title = "the number of scales contradicts the axis",
    .phase = Phase::quantization,
    .explanation =
        R"(A tensor that is quantized per axis has one scale for each element of that axis. Here the axis does not exist or has
another number of elements: the layout was changed and the axis was not, or the scales are those of another tensor.

Where exactly one axis has as many elements as there are scales, that is the axis meant, and the mend writes it. A
bias of one dimension with its weights' axis beside it is only warned of: older converters wrote it so, and some
runtimes take it. So is an axis that the tensor does not have beside one scale, to which it means nothing: it is left out.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
