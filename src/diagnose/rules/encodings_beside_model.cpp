// QG3126: a float model whose scales stand in a file beside it.
#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "diagnose/encodings_file.hpp"
#include "diagnose/rule.hpp"
#include "diagnose/walk.hpp"
#include "diagnose/words.hpp"
#include "source/numbers.hpp"

namespace qgraph::diagnose::rules {
namespace {

using source::NodeRef;
using source::TensorRef;

bool quantizes(const source::SourceNode& n) {
  return n.op.find("Quantize") != std::string_view::npos || n.op.starts_with("QLinear") || n.op.find("Quant") == 0;
}

/// Where several scales lie that name no axis: the channels of the op that reads the weights.
std::optional<std::int64_t> channel_axis(const RuleContext& c, TensorRef t, std::size_t scales) {
  const Shape& shape = c.model[t].shape;
  for (const auto& use : c.uses.consumers(t)) {
    const source::SourceNode& node = c.model[use.node];
    if (use.input == 0) continue;
    const auto turned = node.op == "Gemm" ? c.model.attribute(node, "transB") : std::nullopt;
    const auto* on = turned ? std::get_if<std::int64_t>(&*turned) : nullptr;
    std::int64_t axis = 0;
    if (node.op == "ConvTranspose" || (node.op == "Gemm" && !(on && *on != 0))) axis = 1;
    if (node.op == "MatMul") axis = static_cast<std::int64_t>(shape.rank()) - 1;
    if (axis >= 0 && static_cast<std::size_t>(axis) < shape.rank() &&
        shape[static_cast<std::size_t>(axis)] == static_cast<std::int64_t>(scales))
      return axis;
  }
  return std::nullopt;
}

struct Pair {
  TensorRef value{};
  const TensorEncoding* encoding = nullptr;
  std::uint32_t before = 0;  ///< the node in front of which Q and DQ go
  std::optional<std::int64_t> axis{};
};

/// The named tensors of the main graph that nodes read.
std::vector<Pair> pairs_of(const RuleContext& c, const EncodingsFile& file) {
  std::vector<Pair> pairs;
  const source::SourceGraph& graph = c.model.graphs[0];
  for (std::uint32_t i = 0; i < graph.tensors.size(); ++i) {
    const TensorRef t{0, i};
    const auto e = std::ranges::lower_bound(file.tensors, graph.tensors[i].name, {},
                                            [](const TensorEncoding& x) { return std::string_view(x.name); });
    if (graph.tensors[i].name.empty() || e == file.tensors.end() || e->name != graph.tensors[i].name ||
        c.uses.consumers(t).empty())
      continue;
    const NodeRef maker = c.uses.producer(t);
    Pair p{.value = t, .encoding = &*e, .before = maker ? maker.index + 1 : 0};
    if (e->scales.size() > 1) {
      p.axis = e->axis ? e->axis : channel_axis(c, t, e->scales.size());
      if (!p.axis) continue;
    }
    pairs.push_back(p);
  }
  return pairs;
}

source::SourceTensor constant(DType dtype, std::size_t count, std::vector<std::byte> bytes) {
  source::SourceTensor t{.dtype = dtype, .shape = count == 1 ? Shape{} : Shape{static_cast<std::int64_t>(count)}};
  t.data = {.encoding = source::Encoding::raw, .bytes = Buffer::copy_of(bytes)};
  return t;
}

/// A QuantizeLinear and a DequantizeLinear behind every value; its readers read the latter.
std::vector<source::Edit> insert_pairs(const RuleContext& c, std::vector<Pair> pairs) {
  std::vector<source::Edit> edits, nodes;
  const auto opset = c.model.domains.find("ai.onnx");
  const int version = opset == c.model.domains.end() ? 13 : opset->second;
  // The last first, so that positions in front of it stay as they are.
  std::ranges::stable_sort(pairs, [](const Pair& a, const Pair& b) { return a.before > b.before; });
  auto next = static_cast<std::uint32_t>(c.model.graphs[0].tensors.size());
  for (const Pair& p : pairs) {
    const TensorEncoding& e = *p.encoding;
    const std::vector<double> scales(e.scales.begin(), e.scales.end()), zeros(e.zero_points.begin(), e.zero_points.end());
    auto scale = source::encode_numbers(DType::float32, scales), zero = source::encode_numbers(e.dtype, zeros);
    if (!scale || !zero) continue;
    const TensorRef s{0, next}, z{0, next + 1}, q{0, next + 2}, real{0, next + 3};
    next += 4;
    const Shape shape = c.model[p.value].shape;
    edits.emplace_back(source::AddTensor{0, constant(DType::float32, scales.size(), *std::move(scale)), e.name + "_scale"});
    edits.emplace_back(source::AddTensor{0, constant(e.dtype, zeros.size(), *std::move(zero)), e.name + "_zero_point"});
    edits.emplace_back(source::AddTensor{0, {.dtype = e.dtype, .shape = shape}, e.name + "_quantized"});
    edits.emplace_back(source::AddTensor{0, {.dtype = DType::float32, .shape = shape}, e.name + "_dequantized"});
    for (const auto& use : c.uses.consumers(p.value)) edits.emplace_back(source::SetInput{use.node, use.input, real});
    source::SourceNode dequantize{.op = "DequantizeLinear", .domain = "ai.onnx", .version = version};
    dequantize.inputs = {q, s, z};
    dequantize.outputs = {real};
    source::SourceNode quantize{.op = "QuantizeLinear", .domain = "ai.onnx", .version = version};
    quantize.inputs = {p.value, s, z};
    quantize.outputs = {q};
    for (source::SourceNode* node : {&dequantize, &quantize}) {
      nodes.emplace_back(source::AddNode{0, p.before, *node});
      if (p.axis) nodes.emplace_back(source::SetAttribute{NodeRef{0, p.before}, "axis", AttributeValue(*p.axis)});
    }
  }
  std::ranges::move(nodes, std::back_inserter(edits));
  return edits;
}

void check(const RuleContext& c, Findings& findings) {
  if (c.model.format != "onnx" || c.model.path.empty() || c.model.graphs.empty() || findings.any_error()) return;
  bool already = false;
  each_node(c.model, [&](NodeRef, const source::SourceNode& node) { already = already || quantizes(node); });
  if (already) return;
  const auto file = encodings_beside(c.model.path);
  if (!file) return;
  const std::vector<Pair> pairs = pairs_of(c, *file);
  const std::string called = file->path.filename().string();
  Finding f =
      finding(Severity::warning, Cause::missing_quantization,
              fmt::format("the model is of floats; its scales stand in {} beside it, which no runtime reads", in_quotes(called)),
              {Place{}});
  Diagnostic& d = f.diagnostic;
  if (!pairs.empty()) d.places = {c.model.place(pairs[0].value)};
  d.expected = "QuantizeLinear and DequantizeLinear, with those scales";
  d.found = "no quantizing node";
  d.evidence = {
      evidence("file", fmt::format("{}, of them {} in the graph", counted(file->tensors.size(), "encoding"), pairs.size()))};
  if (file->left_out != 0)
    d.evidence.push_back(
        evidence("left out", fmt::format("{} of floats, of blocks, or malformed", counted(file->left_out, "encoding"))));
  std::size_t lost = 0, unread = 0;
  std::string first;
  std::vector<std::string_view> names;
  for (const source::SourceTensor& t : c.model.graphs[0].tensors) names.push_back(t.name);
  std::ranges::sort(names);
  for (const TensorEncoding& e : file->tensors) {
    if (std::ranges::find(pairs, &e, &Pair::encoding) != pairs.end()) continue;
    if (std::ranges::binary_search(names, std::string_view(e.name)))
      ++unread;
    else if (lost++ == 0)
      first = e.name;
  }
  if (lost != 0) d.evidence.push_back(evidence("no such", fmt::format("{}, {} first", counted(lost, "name"), in_quotes(first))));
  if (unread != 0)
    d.evidence.push_back(evidence(
        "unread", fmt::format("{} that no node reads, or whose axis is not known, left as it is", counted(unread, "value"))));
  d.why = "a quantizer that simulates integers exports the float graph and its scales apart, for one vendor's tools";
  if (!pairs.empty()) {
    d.fix = fix("insert-pairs", Confidence::likely, fmt::format("quantize {} by the file", counted(pairs.size(), "value")));
    f.edits = insert_pairs(c, pairs);
  } else {
    d.fix = fix("rename", Confidence::needs_input, "give the file whose names are those of this graph");
  }
  findings.add(std::move(f));
}

}  // namespace

extern constexpr Rule encodings_beside_model{
    .code = "QG3126",
    .title = "the scales stand in a file beside the model",
    .phase = Phase::agreement,
    .explanation =
        R"(AIMET exports a float ONNX graph, and a JSON file of the same name (`MODEL.encodings`) with the scale and
offset of each tensor. Vendors' tools read both; a runtime reads the graph alone and computes in float.

The mend puts a QuantizeLinear and a DequantizeLinear behind every tensor that the file names, with its scale: weights
along the output channels where there are several. An offset is minus the zero point of unsigned integers; in the middle
of their range the signed ones are taken. Outputs of the graph stay as they are. `qgraph fix MODEL -o OUT` writes the
quantized model. Names that the graph does not have are told, as are encodings of floats or blocks, which are left out.)",
    .check = &check,
};

}  // namespace qgraph::diagnose::rules
