// QG4024: a node has its constant weights where its input belongs, and the other way round.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

#include "diagnose/onnx_values.hpp"
#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/window_shapes.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

/// Would these be the weights of this bias and input? By the number of output channels and, of a convolution, the input channels.
bool could_be(const source::Model& m, std::string_view op, TensorRef input, TensorRef weights, TensorRef bias) {
  const Shape &in = m[input].shape, &w = m[weights].shape;
  if (!in.ranked() || in.rank() == 0 || w.rank() < 2) return false;
  const std::int64_t channels = op == "DEPTHWISE_CONV_2D" ? w[w.rank() - 1] : w[0];
  if (bias && m[bias].shape.rank() == 1 && m[bias].shape[0] != channels) return false;
  const std::int64_t last = in[in.rank() - 1];
  if (op == "DEPTHWISE_CONV_2D") return w.rank() == 4 && in.rank() == 4 && last > 0 && channels % last == 0;
  if (op == "CONV_2D") return w.rank() == 4 && in.rank() == 4 && last > 0 && w[3] > 0 && last % w[3] == 0;
  const auto elements = in.elements();
  return op == "FULLY_CONNECTED" && w.rank() == 2 && w[1] > 0 && (last == w[1] || !elements || *elements % w[1] == 0);
}

struct Swap {
  std::uint32_t first = 0, second = 0;
  std::string why{};
};

/// The declared output is what the op makes with the two exchanged, and not what it makes as they stand.
bool output_wants_exchange(const source::Model& m, NodeRef ref) {
  const auto padding = m.attribute(m[ref], "padding");
  const auto* word = padding ? std::get_if<std::string>(&*padding) : nullptr;
  if (!word) return false;
  const auto makes_output = [&](bool exchanged) {
    return std::ranges::all_of(std::array<std::size_t, 2>{1, 2}, [&](std::size_t axis) {
      const auto s = window_axis(m, ref, axis, exchanged);
      return s && s->dilation > 0 && s->dilation <= s->in &&
             made_along(*word == "SAME", s->in, s->window, s->stride, s->dilation) == s->out;
    });
  };
  return makes_output(true) && !makes_output(false);
}

/// ONNX: a convolution whose image is the constant, with as many channels as its bias and scales have, and whose weights are
/// computed.
std::optional<Swap> swapped_in_onnx(const RuleContext& c, const source::SourceNode& node, const OpRow& row) {
  const source::Model& m = c.model;
  if (node.op != "Conv" && node.op != "QLinearConv") return std::nullopt;
  const auto i = operand_position(row.operands, "input"), w = operand_position(row.operands, "weights"),
             b = operand_position(row.operands, "bias");
  if (!i || !w || !b || std::max(*i, *w) >= node.inputs.size() || !node.inputs[*i] || !node.inputs[*w]) return std::nullopt;
  const TensorRef input = behind_dequantize(m, c.uses, node.inputs[*i]), weights = behind_dequantize(m, c.uses, node.inputs[*w]);
  if (input.dangling() || weights.dangling() || !m[input].data.exists() || m[weights].data.exists() || m[input].shape.rank() < 3)
    return std::nullopt;
  const TensorRef bias = *b < node.inputs.size() ? behind_dequantize(m, c.uses, node.inputs[*b]) : source::no_tensor;
  const std::int64_t channels = m[input].shape[0];
  const bool by_bias = bias && !bias.dangling() && m[bias].shape.rank() == 1 && m[bias].shape[0] == channels;
  const auto value = m.attribute(node, "kernel_shape");
  const auto* window = value ? std::get_if<std::vector<std::int64_t>>(&*value) : nullptr;
  const bool by_window =
      window && window->size() + 2 == m[input].shape.rank() && std::ranges::equal(*window, m[input].shape.dims().subspan(2));
  if (!by_bias && !by_window) return std::nullopt;
  return Swap{static_cast<std::uint32_t>(*i), static_cast<std::uint32_t>(*w),
              by_bias ? "the constant has as many output channels as the bias, and stands where the image belongs"
                      : "the constant has the op's window, and stands where the image belongs"};
}

std::optional<Swap> swapped(const RuleContext& c, NodeRef ref, const OpRow& row) {
  const source::Model& m = c.model;
  const source::SourceNode& node = m[ref];
  if (m.format == "onnx") return swapped_in_onnx(c, node, row);
  const auto i = operand_position(row.operands, "input"), w = operand_position(row.operands, "weights"),
             b = operand_position(row.operands, "bias");
  if (!i || !w || !b || std::max(*i, *w) >= node.inputs.size()) return std::nullopt;
  const TensorRef input = node.inputs[*i], weights = node.inputs[*w],
                  bias = *b < node.inputs.size() ? node.inputs[*b] : source::no_tensor;
  for (const TensorRef t : {input, weights, bias})
    if (t.dangling()) return std::nullopt;
  if (!input || !weights) return std::nullopt;
  if (m[input].data.exists() && !m[weights].data.exists() && could_be(m, node.op, weights, input, bias) &&
      (!could_be(m, node.op, input, weights, bias) || output_wants_exchange(m, ref)))
    return Swap{static_cast<std::uint32_t>(*i), static_cast<std::uint32_t>(*w),
                "the constant stands where the input belongs; exchanged, all shapes fit"};
  if (bias && m[bias].data.exists() && m[weights].data.exists() && m[weights].shape.rank() == 1 && m[bias].shape.rank() >= 2 &&
      could_be(m, node.op, input, bias, weights))
    return Swap{static_cast<std::uint32_t>(*w), static_cast<std::uint32_t>(*b),
                "weights and bias stand in each other's place; exchanged, all shapes fit"};
  return std::nullopt;
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "tflite" && c.model.format != "onnx") return;
  const BrokenFacts broken(findings);
  each_node(c.model, [&](NodeRef ref, const source::SourceNode& node) {
    const OpRow* row = source::row_of(c.model, node);
    if (!row || broken.any(ref)) return;
    const auto swap = swapped(c, ref, *row);
    if (!swap) return;
    const TensorRef first = node.inputs[swap->first], second = node.inputs[swap->second];
    const auto role = [&](std::uint32_t i) { return std::string(operand_at(row->operands, i)->name); };
    Finding f = finding(Severity::error, Cause::shape_mismatch,
                        fmt::format("{} and {} of {} {} are exchanged", role(swap->first), role(swap->second), node.op,
                                    in_quotes(c.model.display_name(ref))),
                        {c.model.place(ref, first), c.model.place(ref, second)});
    Diagnostic& d = f.diagnostic;
    d.found = fmt::format("{} as {}", c.model.display_name(first), role(swap->first));
    d.evidence = {
        evidence(role(swap->first), fmt::format("{}, {}", in_quotes(c.model.display_name(first)), type_text(c.model[first]))),
        evidence(role(swap->second), fmt::format("{}, {}", in_quotes(c.model.display_name(second)), type_text(c.model[second])))};
    d.why = swap->why;
    d.fix = fix("exchange-operands", Confidence::likely, fmt::format("exchange inputs {} and {}", swap->first, swap->second));
    f.edits = {source::SetInput{ref, swap->first, second}, source::SetInput{ref, swap->second, first}};
    f.rests_on = {Fact::node(ref, Aspect::existence)};
    f.breaks = {Fact::node(ref, Aspect::attributes)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule operands_swapped{
    .code = "QG4024",
    .title = "two operands of a node are exchanged",
    .phase = Phase::ops,
    .explanation =
        R"(The weights of a convolution or matrix product stand where its input belongs, or its bias where the weights belong. Shapes
and the fact which of them is a constant show it: as they stand they do not fit each other, and exchanged they do.

The mend exchanges them.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
