// QG4203: the declared shape of weights is that of another order of dimensions.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
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
  const bool tflite = node.op == "FULLY_CONNECTED", conv = node.op == "Conv" || node.op == "QLinearConv";
  const OpRow* row = tflite || conv ? source::row_of(c.model, node) : nullptr;
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
    if (tflite)
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

void check(const RuleContext& c, Findings& findings) {
  const BrokenFacts broken(findings);
  std::set<TensorRef> told;
  each_node(c.model, [&](NodeRef ref, const source::SourceNode& node) {
    const auto w = broken.any(ref) ? std::nullopt : weighted(c, ref);
    if (!w || broken.any(w->weights)) return;
    const Shape& shape = c.model[w->weights].shape;
    if (!shape.is_static() || shape.rank() < 2 || (w->matrix && shape.rank() != 2)) return;
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
    .title = "the dimensions of weights stand in reverse",
    .phase = Phase::sizes,
    .explanation =
        R"(The declared shape of a matrix or of a convolution's weights fits neither its bias, nor its input, nor the window; read
from the end it fits all of them. A tool wrote the dimensions in another framework's order (input first), and the bytes
as they were.

The mend reverses the declared shape. Where the data was transposed too, the result is wrong, though it loads: compare
outputs with the model before that tool.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
