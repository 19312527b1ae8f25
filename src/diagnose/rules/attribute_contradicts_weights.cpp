// QG2024: an attribute that the weights say too, and otherwise: the depth multiplier, the window of a convolution.
#include <spdlog/fmt/fmt.h>

#include "diagnose/onnx_values.hpp"
#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

struct Contradiction {
  std::string_view attribute{};
  std::string found{}, expected{};
  std::optional<AttributeValue> right{};  ///< nothing: the weights do not say which
  TensorRef weights{};
  Severity severity = Severity::warning;
  std::string_view why{};
};

std::optional<Contradiction> depth_multiplier(const source::Model& m, const source::SourceNode& node) {
  const auto value = node.op == "DEPTHWISE_CONV_2D" ? m.attribute(node, "depth_multiplier") : std::nullopt;
  const auto* written = value ? std::get_if<std::int64_t>(&*value) : nullptr;
  if (!written || node.inputs.size() < 2 || !node.inputs[0] || !node.inputs[1] || node.inputs[0].dangling() ||
      node.inputs[1].dangling())
    return std::nullopt;
  const Shape &in = m[node.inputs[0]].shape, &w = m[node.inputs[1]].shape;
  if (in.rank() != 4 || w.rank() != 4 || in[3] <= 0 || w[3] <= 0 || w[3] % in[3] != 0 || w[3] / in[3] == *written)
    return std::nullopt;
  return Contradiction{.attribute = "depth_multiplier",
                       .found = std::to_string(*written),
                       .expected = std::to_string(w[3] / in[3]),
                       .right = w[3] / in[3],
                       .weights = node.inputs[1],
                       .why =
                           "output channels / input channels is the multiplier; some runtimes compute it so, others go by the "
                           "attribute and refuse the file"};
}

std::optional<Contradiction> window(const RuleContext& c, const source::SourceNode& node, const OpRow& row) {
  const source::Model& m = c.model;
  if (node.domain != "ai.onnx" ||
      (node.op != "Conv" && node.op != "ConvTranspose" && node.op != "QLinearConv" && node.op != "ConvInteger"))
    return std::nullopt;
  const auto value = m.attribute(node, "kernel_shape");
  const auto* written = value ? std::get_if<std::vector<std::int64_t>>(&*value) : nullptr;
  const TensorRef weights = behind_quantization(m, c.uses, source::operand(m, node, row, "weights"));
  if (!written || written->empty() || !weights || weights.dangling()) return std::nullopt;
  const Shape& w = m[weights].shape;
  if (w.rank() < 3 || !w.is_static()) return std::nullopt;
  std::vector<std::int64_t> right(w.dims().begin() + 2, w.dims().end());
  if (right == *written) return std::nullopt;
  return Contradiction{.attribute = "kernel_shape",
                       .found = Shape(*written).to_string(),
                       .expected = Shape(right).to_string(),
                       .right = right,
                       .weights = weights,
                       .severity = Severity::error,
                       .why = "the window is that of the weights, and runtimes that compare the two refuse the file"};
}

/// The output channels are as many in each group.
std::optional<Contradiction> groups(const RuleContext& c, const source::SourceNode& node, const OpRow& row) {
  const source::Model& m = c.model;
  if (node.domain != "ai.onnx" || (node.op != "Conv" && node.op != "QLinearConv" && node.op != "ConvInteger"))
    return std::nullopt;
  const auto value = m.attribute(node, "group");
  const auto* written = value ? std::get_if<std::int64_t>(&*value) : nullptr;
  const TensorRef weights = behind_quantization(m, c.uses, source::operand(m, node, row, "weights"));
  if (!written || *written <= 0 || !weights || weights.dangling()) return std::nullopt;
  const Shape& w = m[weights].shape;
  if (w.rank() < 3 || w[0] <= 0 || w[0] % *written == 0) return std::nullopt;
  return Contradiction{.attribute = "group",
                       .found = std::to_string(*written),
                       .expected = fmt::format("a divisor of {}", w[0]),
                       .weights = weights,
                       .severity = Severity::error,
                       .why = "the output channels are divided among the groups, as many to each"};
}

/// The bias, or a scale for each output, is as long as the matrix has rows, not columns: it is the transposed one.
std::optional<Contradiction> transposed(const RuleContext& c, const source::SourceNode& node, const OpRow& row) {
  const source::Model& m = c.model;
  if (node.op != "Gemm" || node.domain != "ai.onnx") return std::nullopt;
  const auto value = m.attribute(node, "transB");
  const auto* written = value ? std::get_if<std::int64_t>(&*value) : nullptr;
  const std::int64_t now = written && *written != 0 ? 1 : 0;
  const TensorRef weights = behind_quantization(m, c.uses, source::operand(m, node, row, "weights")),
                  bias = behind_quantization(m, c.uses, source::operand(m, node, row, "bias"));
  if (!weights || weights.dangling() || !m[weights].data.exists()) return std::nullopt;
  const Shape& w = m[weights].shape;
  if (w.rank() != 2 || w[0] == w[1]) return std::nullopt;
  const std::int64_t outputs = w[now == 1 ? 0 : 1], others = w[now == 1 ? 1 : 0];
  const bool by_bias = bias && !bias.dangling() && m[bias].data.exists() && m[bias].shape.rank() == 1 && m[bias].shape[0] != 1 &&
                       m[bias].shape[0] != outputs && m[bias].shape[0] == others;
  if (!by_bias) return std::nullopt;
  return Contradiction{.attribute = "transB",
                       .found = std::to_string(now),
                       .expected = std::to_string(1 - now),
                       .right = 1 - now,
                       .weights = weights,
                       .severity = Severity::error,
                       .why = "the bias has as many elements as the matrix has outputs, and so the other axis is theirs"};
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  each_node(c.model, [&](NodeRef ref, const source::SourceNode& node) {
    const OpRow* row = source::row_of(c.model, node);
    if (!row || broken.any(ref)) return;
    auto wrong = node.domain == "tflite" ? depth_multiplier(c.model, node) : window(c, node, *row);
    if (!wrong) wrong = groups(c, node, *row);
    if (!wrong) wrong = transposed(c, node, *row);
    if (!wrong || broken.any(wrong->weights)) return;
    Place place = c.model.place(ref);
    place.attribute = wrong->attribute;
    Finding f = finding(wrong->severity, Cause::invalid_attribute,
                        fmt::format("{} of {} {} is {}, its weights say {}", wrong->attribute, node.op,
                                    in_quotes(c.model.display_name(ref)), wrong->found, wrong->expected),
                        {std::move(place)});
    Diagnostic& d = f.diagnostic;
    d.expected = fmt::format("{} {}", wrong->attribute, wrong->expected);
    d.found = fmt::format("{} {}", wrong->attribute, wrong->found);
    d.evidence = {evidence("stored", fmt::format("{} = {}", wrong->attribute, wrong->found)),
                  evidence("weights", type_text(c.model[wrong->weights])),
                  evidence("input", node.inputs[0] && !node.inputs[0].dangling() ? type_text(c.model[node.inputs[0]]) : "none")};
    d.why = wrong->why;
    if (wrong->right)
      d.fix = fix(fmt::format("{}-from-weights", wrong->attribute == "kernel_shape" ? "window"
                                                 : wrong->attribute == "transB"     ? "transposition"
                                                                                    : "multiplier"),
                  wrong->attribute == "transB" ? Confidence::likely : Confidence::safe,
                  fmt::format("set {} to {}", wrong->attribute, wrong->expected),
                  wrong->attribute == "transB" ? std::nullopt : std::optional(0.0));
    if (wrong->right) f.edits = {source::SetAttribute{ref, std::string(wrong->attribute), *wrong->right}};
    f.rests_on = {Fact::tensor(wrong->weights, Aspect::shape)};
    f.breaks = {Fact::node(ref, Aspect::attributes)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule attribute_contradicts_weights{
    .code = "QG2024",
    .title = "an attribute contradicts the weights",
    .phase = Phase::quantization,  // behind all that says the weights' own shape is wrong
    .explanation =
        R"(Some attributes repeat what the shape of the weights says: the depth multiplier of TensorFlow Lite's
depthwise convolution (output channels / input channels), the kernel_shape of ONNX's convolutions, and their group,
which divides the output channels; transB of Gemm, by which the outputs are rows or columns, as many as the bias has
elements. A tool that changed the weights, or copied the node, left the attribute.

Kernels compute with the weights, so the mend writes what they say; of a group they say only that it is wrong.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
