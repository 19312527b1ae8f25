// QG3134: ONNX: a constant of one number for each channel, as a list, beside a tensor that has its channels elsewhere than last.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

std::vector<std::int64_t> integers(const RuleContext& c, const source::SourceNode& node, std::string_view name, std::size_t count,
                                   std::int64_t otherwise) {
  const auto value = c.model.attribute(node, name);
  const auto* list = value ? std::get_if<std::vector<std::int64_t>>(&*value) : nullptr;
  return list ? *list : std::vector<std::int64_t>(count, otherwise);
}

/// What a convolution makes of a known shape: batch, channels of its weights, and windows along each axis. -1: not known.
Shape convolved(const RuleContext& c, const source::SourceNode& node, const Shape& in, const Shape& weights) {
  if (in.rank() < 3 || weights.rank() != in.rank() || c.model.attribute(node, "auto_pad")) return Shape::unknown_rank();
  const std::size_t spatial = in.rank() - 2;
  const auto pads = integers(c, node, "pads", 2 * spatial, 0), strides = integers(c, node, "strides", spatial, 1),
             dilations = integers(c, node, "dilations", spatial, 1);
  if (pads.size() != 2 * spatial || strides.size() != spatial || dilations.size() != spatial) return Shape::unknown_rank();
  constexpr std::int64_t most = 1 << 20;
  const auto sane = [](std::int64_t v) { return v >= 0 && v < most; };
  Shape out = in;
  out[1] = weights[0];
  for (std::size_t i = 0; i < spatial; ++i) {
    const std::int64_t size = in[i + 2], window = weights[i + 2];
    if (!sane(size) || !sane(window) || !sane(pads[i]) || !sane(pads[i + spatial]) || !sane(dilations[i]) || strides[i] < 1)
      return Shape::unknown_rank();
    const std::int64_t room = size + pads[i] + pads[i + spatial] - dilations[i] * (window - 1) - 1;
    out[i + 2] = room < 0 ? 0 : room / strides[i] + 1;
  }
  return out;
}

/// The shape of what convolutions make, and of what keeps a shape behind them.
struct Known {
  Shape shape = Shape::unknown_rank();
  bool convolution = false;
};
Known shape_of(const RuleContext& c, TensorRef t, int most_steps = 16) {
  static constexpr std::array<std::string_view, 8> keep{
      "Cast", "Relu", "Clip", "QuantizeLinear", "DequantizeLinear", "Round", "DynamicQuantizeLinear", "Sigmoid"};
  if (!t || t.dangling() || most_steps == 0) return {};
  const NodeRef maker = c.uses.producer(t);
  if (!maker) return {c.model[t].shape, false};
  const source::SourceNode& node = c.model[maker];
  if (node.domain != "ai.onnx" || node.inputs.empty()) return {};
  const bool conv = node.op == "ConvInteger" || node.op == "Conv";
  if (conv && node.inputs.size() > 1 && node.inputs[1] && !node.inputs[1].dangling())
    return {
        convolved(c, node, shape_of(c, node.inputs[0], most_steps - 1).shape, shape_of(c, node.inputs[1], most_steps / 2).shape),
        true};
  if (std::ranges::find(keep, node.op) != keep.end() && node.outputs[0] == t) return shape_of(c, node.inputs[0], most_steps - 1);
  if ((node.op == "Mul" || node.op == "Add") && node.inputs.size() == 2)
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
      const TensorRef other = node.inputs[1 - i];
      Known known = shape_of(c, node.inputs[i], most_steps / 2);
      if (known.convolution && other && !other.dangling()) return known;  // the other has one number, or one for each channel
    }
  return {};
}

/// The constant list behind products with single numbers.
TensorRef list_behind(const RuleContext& c, TensorRef t) {
  const NodeRef maker = t && !t.dangling() ? c.uses.producer(t) : NodeRef{};
  if (!maker || c.model[maker].op != "Mul" || c.model[maker].inputs.size() != 2) return t;
  const auto list = [&](TensorRef r) { return r && !r.dangling() && c.model[r].data.exists() && c.model[r].shape.rank() == 1; };
  const auto single = [&](TensorRef r) {
    if (!r || r.dangling()) return false;
    const NodeRef made = c.uses.producer(r);
    const bool dynamic = made && c.model[made].op == "DynamicQuantizeLinear" && c.model[made].outputs[0] != r;
    return dynamic || c.model[r].shape.elements() == 1;
  };
  const TensorRef a = c.model[maker].inputs[0], b = c.model[maker].inputs[1];
  return list(a) && single(b) ? a : list(b) && single(a) ? b : t;
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "onnx") return;
  static constexpr std::array<std::string_view, 4> ops{"Add", "Sub", "Mul", "Div"};
  const BrokenFacts broken(findings);
  each_node(c.model, [&](NodeRef ref, const source::SourceNode& node) {
    if (node.domain != "ai.onnx" || std::ranges::find(ops, node.op) == ops.end() || node.inputs.size() != 2 || broken.any(ref))
      return;
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
      const TensorRef list = list_behind(c, node.inputs[i]);
      if (!list || list.dangling() || !c.model[list].data.exists() || c.model[list].shape.rank() != 1 || broken.any(list) ||
          !is_float(c.model[list].dtype) || c.uses.consumers(list).size() != 1)
        continue;
      const std::int64_t count = c.model[list].shape[0];
      const Known beside = shape_of(c, node.inputs[1 - i]);
      if (!beside.convolution || !beside.shape.ranked() || count < 2 || beside.shape[1] != count) continue;
      const std::int64_t last = beside.shape[beside.shape.rank() - 1];
      if (last == count || last <= 1) continue;  // it can be applied as it is written
      std::vector<std::int64_t> dims{count};
      for (std::size_t k = 2; k < beside.shape.rank(); ++k) dims.push_back(1);
      const Shape wanted{std::span<const std::int64_t>(dims)};
      Finding f =
          finding(Severity::error, Cause::shape_mismatch,
                  fmt::format("{} {}: {} of {} does not fit {}", node.op, in_quotes(c.model.display_name(ref)),
                              in_quotes(c.model.display_name(list)), c.model[list].shape.to_string(), beside.shape.to_string()),
                  {c.model.place(ref, node.inputs[i]), c.model.place(list)});
      Diagnostic& d = f.diagnostic;
      d.expected = wanted.to_string();
      d.found = c.model[list].shape.to_string();
      d.evidence = {evidence("constant", type_text(c.model[list])), evidence("beside", beside.shape.to_string())};
      d.why = fmt::format("it has a number for each of the {} channels, which lie along axis 1; a list stands for the last axis",
                          count);
      d.fix = fix("along-channels", Confidence::likely,
                  fmt::format("read {} as {}", in_quotes(c.model.display_name(list)), wanted.to_string()));
      f.edits = {source::SetShape{list, wanted}};
      f.rests_on = {Fact::node(ref, Aspect::existence)};
      f.breaks = {Fact::tensor(list, Aspect::shape), Fact::node(ref, Aspect::attributes)};
      findings.add(std::move(f));
      return;
    }
  });
}

}  // namespace

extern constexpr Rule channel_constant_flat{
    .code = "QG3134",
    .title = "a constant for each channel stands along the wrong axis",
    .phase = Phase::sizes,
    .explanation =
        R"(What scales or shifts each channel behind a convolution has one number for each, and the channels of ONNX lie along axis
1. Here the constant is a plain list, which ONNX applies to the last axis, and that has another length: a tool wrote the
scales and did not reshape them.

The mend gives the list the shape [channels, 1, 1].)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
