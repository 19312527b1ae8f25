// QG4203: the declared shape of weights is that of another order of dimensions.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <set>

#include "diagnose/onnx_values.hpp"
#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

/// A weighted node, its weights as stored (behind a DequantizeLinear), and what else of it says how many channels there are.
struct Weighted {
  TensorRef weights{};
  std::int64_t outputs = 0;  ///< by the bias or the scales; 0: nothing says
  std::int64_t inputs = 0;   ///< by the input; 0: not known
  std::vector<std::int64_t> window{};
  bool matrix = false;
};

std::optional<Weighted> weighted(const RuleContext& c, NodeRef ref) {
  const source::SourceNode& node = c.model[ref];
  const bool tflite = node.op == "FULLY_CONNECTED", spatial = node.op == "CONV_2D",
             conv = node.op == "Conv" || node.op == "QLinearConv";
  const OpRow* row = tflite || spatial || conv ? source::row_of(c.model, node) : nullptr;
  if (!row) return std::nullopt;
  Weighted w{.matrix = tflite};
  w.weights = behind_dequantize(c.model, c.uses, source::operand(c.model, node, *row, "weights"));
  const TensorRef bias = behind_dequantize(c.model, c.uses, source::operand(c.model, node, *row, "bias")),
                  input = source::operand(c.model, node, *row, "input");
  if (!w.weights || w.weights.dangling() || !c.model[w.weights].data.exists()) return std::nullopt;
  if (bias && !bias.dangling() && c.model[bias].data.exists() && c.model[bias].shape.rank() == 1)
    w.outputs = c.model[bias].shape[0];
  const source::QuantizationSite* site = source::site_of(c.model, c.uses, w.weights);
  if (w.outputs == 0 && site && site->scales.values.size() > 1) w.outputs = static_cast<std::int64_t>(site->scales.values.size());
  if (input && !input.dangling() && c.model[input].shape.ranked() && c.model[input].shape.rank() > 0) {
    const Shape& s = c.model[input].shape;
    if (tflite || spatial)
      w.inputs = std::max<std::int64_t>(s.dims().back(), 0);
    else if (s.rank() > 2)
      w.inputs = std::max<std::int64_t>(s[1], 0);
  }
  if (conv)
    if (const auto value = c.model.attribute(node, "kernel_shape"))
      if (const auto* list = std::get_if<std::vector<std::int64_t>>(&*value)) w.window = *list;
  return w;
}

/// Does this shape agree with all that is known, and with how much?
int agreement(const Weighted& w, const Shape& shape) {
  int known = 0;
  if (w.outputs != 0) {
    if (shape[0] != w.outputs) return -1;
    ++known;
  }
  if (w.matrix && w.inputs != 0) {
    if (shape[1] != w.inputs) return -1;
    ++known;
  }
  if (!w.matrix && !w.window.empty()) {
    if (shape.rank() != w.window.size() + 2) return -1;
    for (std::size_t i = 0; i < w.window.size(); ++i)
      if (shape[i + 2] != w.window[i]) return -1;
    ++known;
  }
  return known;
}

/// A shape of other frameworks' order in which the bytes lie too: what it is in this format's.
struct Layout {
  std::array<std::size_t, 4> order{};  ///< of the declared dimensions, as they should stand
  std::string_view found{}, expected{};
};

/// Weights [O,I,H,W] in TensorFlow Lite, [O,H,W,I] in ONNX: the input's channels, and the window, say so. Squares alone: of other
/// windows there is more than one reading.
std::optional<Layout> other_layout(const RuleContext& c, const source::SourceNode& node, const Weighted& w, const Shape& shape) {
  if (shape.rank() != 4 || bits(c.model[w.weights].dtype) % 8 != 0 || (w.outputs != 0 && shape[0] != w.outputs))
    return std::nullopt;
  if (node.op == "CONV_2D") {
    if (w.inputs == 0 || shape[1] != w.inputs || shape[3] == w.inputs || shape[2] != shape[3] || shape[1] == shape[2])
      return std::nullopt;
    return Layout{{0, 2, 3, 1}, "[O,I,H,W]", "[O,H,W,I]"};
  }
  if (node.domain != "ai.onnx" || w.window.size() != 2 || shape[1] != w.window[0] || shape[2] != w.window[1] ||
      shape[3] == w.window[1])
    return std::nullopt;
  return Layout{{0, 3, 1, 2}, "[O,H,W,I]", "[O,I,H,W]"};
}

std::optional<Buffer> permuted(const RuleContext& c, TensorRef t, const Shape& from, const Layout& layout) {
  const Result<Buffer> raw = c.model.data(t);
  const auto size = static_cast<std::size_t>(bits(c.model[t].dtype)) / 8;
  const auto count = static_cast<std::size_t>(from.elements().value_or(0));
  if (!raw.ok() || count == 0 || raw->bytes.size() / size != count || raw->bytes.size() % size != 0) return std::nullopt;
  std::array<std::size_t, 4> stride{}, dims{};
  std::size_t step = 1;
  for (std::size_t i = 4; i-- > 0;) {
    stride[i] = step;
    step *= static_cast<std::size_t>(from[i]);
  }
  for (std::size_t i = 0; i < 4; ++i) dims[i] = static_cast<std::size_t>(from[layout.order[i]]);
  std::vector<std::byte> to(raw->bytes.size());
  std::size_t at = 0;
  for (std::size_t a = 0; a < dims[0]; ++a)
    for (std::size_t b = 0; b < dims[1]; ++b)
      for (std::size_t d = 0; d < dims[2]; ++d)
        for (std::size_t e = 0; e < dims[3]; ++e, at += size) {
          const std::size_t source = a * stride[layout.order[0]] + b * stride[layout.order[1]] + d * stride[layout.order[2]] +
                                     e * stride[layout.order[3]];
          std::copy_n(raw->bytes.begin() + static_cast<std::ptrdiff_t>(source * size), size,
                      to.begin() + static_cast<std::ptrdiff_t>(at));
        }
  return Buffer::copy_of(to);
}

void report_layout(const RuleContext& c, NodeRef ref, const Weighted& w, const Shape& shape, const Layout& layout,
                   Findings& findings) {
  Shape right = shape;
  for (std::size_t i = 0; i < 4; ++i) right[i] = shape[layout.order[i]];
  Finding f = finding(Severity::error, Cause::shape_mismatch,
                      fmt::format("weights of {} {} stand in the order {}, not {}", c.model[ref].op,
                                  in_quotes(c.model.display_name(ref)), layout.found, layout.expected),
                      {c.model.place(ref, w.weights)});
  Diagnostic& d = f.diagnostic;
  d.expected = right.to_string();
  d.found = shape.to_string();
  d.evidence = {evidence("declared", type_text(c.model[w.weights]))};
  if (w.outputs != 0) d.evidence.push_back(evidence("outputs", fmt::format("{} by the bias or the scales", w.outputs)));
  if (w.inputs != 0) d.evidence.push_back(evidence("inputs", fmt::format("{} by the input", w.inputs)));
  if (!w.window.empty()) d.evidence.push_back(evidence("window", Shape(w.window).to_string()));
  d.why = "a converter copied the weights in the order of the framework that they come from";
  if (auto data = permuted(c, w.weights, shape, layout)) {
    d.fix = fix(
        "reorder-weights", Confidence::likely,
        fmt::format("store {} as {}, its bytes in that order", in_quotes(c.model.display_name(w.weights)), right.to_string()));
    f.edits = {source::SetShape{w.weights, right}, source::SetData{w.weights, *std::move(data)}};
  }
  f.rests_on = {Fact::tensor(w.weights, Aspect::existence)};
  f.breaks = {Fact::tensor(w.weights, Aspect::shape)};
  findings.add(std::move(f));
}

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  std::set<TensorRef> told;
  each_node(c.model, [&](NodeRef ref, const source::SourceNode& node) {
    const auto w = broken.any(ref) ? std::nullopt : weighted(c, ref);
    if (!w || broken.any(w->weights)) return;
    const Shape& shape = c.model[w->weights].shape;
    if (!shape.is_static() || shape.rank() < 2 || (w->matrix && shape.rank() != 2)) return;
    if (const auto layout = agreement(*w, shape) < 0 || node.op == "CONV_2D" ? other_layout(c, node, *w, shape) : std::nullopt) {
      if (told.insert(w->weights).second) report_layout(c, ref, *w, shape, *layout, findings);
      return;
    }
    if (node.op == "CONV_2D") return;
    Shape reversed = shape;
    for (std::size_t i = 0; i < shape.rank(); ++i) reversed[i] = shape[shape.rank() - 1 - i];
    if (agreement(*w, shape) >= 0 || agreement(*w, reversed) < 2 || !told.insert(w->weights).second) return;
    Finding f = finding(Severity::error, Cause::shape_mismatch,
                        fmt::format("weights of {} {} are declared {}; their dimensions stand in reverse", node.op,
                                    in_quotes(c.model.display_name(ref)), shape.to_string()),
                        {c.model.place(ref, w->weights)});
    Diagnostic& d = f.diagnostic;
    d.expected = reversed.to_string();
    d.found = shape.to_string();
    d.evidence = {evidence("declared", type_text(c.model[w->weights]))};
    if (w->outputs != 0) d.evidence.push_back(evidence("outputs", fmt::format("{} by the bias or the scales", w->outputs)));
    if (w->matrix && w->inputs != 0) d.evidence.push_back(evidence("inputs", fmt::format("{} by the input", w->inputs)));
    if (!w->window.empty()) d.evidence.push_back(evidence("window", Shape(w->window).to_string()));
    d.why = "the dimensions were written in another framework's order, and the bytes left as they were";
    d.fix = fix("reverse-dimensions", Confidence::likely,
                fmt::format("read {} with shape {}", in_quotes(c.model.display_name(w->weights)), reversed.to_string()));
    f.edits = {source::SetShape{w->weights, reversed}};
    f.rests_on = {Fact::tensor(w->weights, Aspect::existence)};
    f.breaks = {Fact::tensor(w->weights, Aspect::shape)};
    findings.add(std::move(f));
  });
}

}  // namespace

extern constexpr Rule weights_transposed{
    .code = "QG4203",
    .title = "the dimensions of weights stand in another order",
    .phase = Phase::sizes,
    .explanation =
        R"(The declared shape of a matrix or of a convolution's weights fits neither its bias, nor its input, nor the window; read
from the end it fits all of them. A tool wrote the dimensions in another framework's order (input first), and the bytes
as they were.

Where the bytes of a convolution stand in the other order too ([O,I,H,W] in TensorFlow Lite, [O,H,W,I] in ONNX), as the input's
channels and the window show, the mend reorders them.

Otherwise the mend reverses the declared shape. Where the data was transposed too, the result is wrong, though it loads: compare
outputs with the model before that tool.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
