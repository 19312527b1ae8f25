// QG2025: a stride with which the op does not make the shape that is declared of its output, and that its readers were made for.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/window_shapes.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

std::optional<bool> pads_same(const source::Model& m, NodeRef ref) {
  const auto padding = m.attribute(m[ref], "padding");
  const auto* word = padding ? std::get_if<std::string>(&*padding) : nullptr;
  return word ? std::optional(*word == "SAME") : std::nullopt;
}

/// The product of the known dimensions; of two shapes with the same open one (the batch) it can be compared. 0: too large.
std::int64_t known_elements(const Shape& shape) {
  std::int64_t n = 1;
  constexpr std::int64_t most = std::int64_t{1} << 40;
  for (const std::int64_t d : shape.dims())
    if (d > 0) n = n > 0 && n <= most / d ? n * d : 0;
  return n;
}

/// Does what reads the output fit its declared size along the axis, and not the size that the op makes?
bool readers_fit(const RuleContext& c, TensorRef out, std::size_t axis, std::int64_t made) {
  const source::Model& m = c.model;
  const Shape& declared = m[out].shape;
  for (const auto& use : c.uses.consumers(out)) {
    const source::SourceNode& node = m[use.node];
    if (node.outputs.empty() || !node.outputs[0] || node.outputs[0].dangling()) continue;
    const Shape& behind = m[node.outputs[0]].shape;
    if (const auto w = window_axis(m, use.node, axis)) {
      const auto same = pads_same(m, use.node);
      if (same && made_along(*same, declared[axis], w->window, w->stride, w->dilation) == w->out &&
          made_along(*same, made, w->window, w->stride, w->dilation) != w->out)
        return true;
      continue;
    }
    if (node.op == "RESHAPE") {
      if (known_elements(declared) == known_elements(behind)) return true;
      continue;
    }
    if (node.op == "RESIZE_NEAREST_NEIGHBOR" || node.op == "RESIZE_BILINEAR") {
      if (behind.rank() == declared.rank() && behind[axis] % declared[axis] == 0 && behind[axis] % made != 0) return true;
      continue;
    }
    if ((node.op == "ADD" || node.op == "MUL" || node.op == "SUB" || node.op == "CONCATENATION" || node.op == "RELU" ||
         node.op == "RELU6" || node.op == "QUANTIZE") &&
        behind.rank() == declared.rank() && behind[axis] == declared[axis])
      return true;
  }
  return false;
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "tflite") return;
  static constexpr std::array<std::string_view, 4> windowed{"CONV_2D", "DEPTHWISE_CONV_2D", "MAX_POOL_2D", "AVERAGE_POOL_2D"};
  const BrokenFacts broken(findings);
  each_node(c.model, [&](NodeRef ref, const source::SourceNode& node) {
    if (broken.any(ref) || std::ranges::find(windowed, node.op) == windowed.end()) return;
    for (const TensorRef t : node.inputs)
      if (t && broken.any(t)) return;
    const auto same = pads_same(c.model, ref);
    for (const std::size_t axis : {std::size_t{1}, std::size_t{2}}) {
      const auto s = window_axis(c.model, ref, axis);
      if (!s || !same || s->dilation <= 0 || s->dilation > s->in) continue;
      const std::int64_t made = made_along(*same, s->in, s->window, s->stride, s->dilation);
      const TensorRef out = node.outputs[0];
      const std::string attribute = axis == 1 ? "stride_h" : "stride_w";
      const auto right =
          made > 0 && made != s->out && !broken.any(out) ? stride_from_shapes(c.model, ref, attribute) : std::nullopt;
      // Many strides leave one window: then the shape may be what is wrong.
      if (!right || (s->out == 1 && *right < s->in) || !readers_fit(c, out, axis, made)) continue;
      Place place = c.model.place(ref);
      place.attribute = attribute;
      Finding f = finding(Severity::error, Cause::invalid_attribute,
                          fmt::format("with {} {} {} {} makes {} of {} along axis {}, {} is declared", attribute, s->stride,
                                      node.op, in_quotes(c.model.display_name(ref)), made, s->in, axis, s->out),
                          {std::move(place)});
      Diagnostic& d = f.diagnostic;
      d.expected = fmt::format("{} {}", attribute, *right);
      d.found = fmt::format("{} {}", attribute, s->stride);
      d.evidence = {evidence("stored", d.found),
                    evidence("shapes", fmt::format("{} to {}: only a stride of {} does that", s->in, s->out, *right)),
                    evidence("readers", "what reads the output was made for the declared shape")};
      d.why = "the attribute was changed, or left over from another layer; the shapes around agree with each other";
      d.fix = fix("stride-from-shapes", Confidence::likely, fmt::format("set {} to {}", attribute, *right));
      f.edits = {source::SetAttribute{ref, attribute, AttributeValue(*right)}};
      f.rests_on = {Fact::node(ref, Aspect::existence)};
      f.breaks = {Fact::node(ref, Aspect::attributes)};
      findings.add(std::move(f));
    }
  });
}

}  // namespace

extern constexpr Rule stride_contradicts_shapes{
    .code = "QG2025",
    .title = "a stride contradicts the declared shapes",
    .phase = Phase::sizes,
    .explanation =
        R"(A convolution or pool has a stride with which it makes another shape than the one that is declared of its output, and the
nodes that read the output were made for the declared one. A declared shape alone may be stale (that is a warning of its own);
here its readers agree with it, so the stride is wrong.

Where exactly one stride makes the declared shape, the mend sets it.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
