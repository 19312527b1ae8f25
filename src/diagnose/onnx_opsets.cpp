// Which operator set brought an op or an attribute, and which one took an attribute away.
#include "diagnose/onnx_opsets.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace qgraph::diagnose {
namespace {

/// No attribute: the op itself. Facts of onnx/defs, as of onnx 1.23.
struct Since {
  std::string_view op, attribute;
  int opset;
};

constexpr std::array brought{Since{"Acosh", "", 9},
                             Since{"AffineGrid", "", 20},
                             Since{"ArgMax", "select_last_index", 12},
                             Since{"ArgMin", "select_last_index", 12},
                             Since{"Asinh", "", 9},
                             Since{"Atanh", "", 9},
                             Since{"Attention", "", 23},
                             Since{"Attention", "left_window_size", 25},
                             Since{"Attention", "right_window_size", 25},
                             Since{"AveragePool", "ceil_mode", 10},
                             Since{"AveragePool", "dilations", 19},
                             Since{"BatchNormalization", "training_mode", 14},
                             Since{"Bernoulli", "", 15},
                             Since{"BitCast", "", 26},
                             Since{"BitShift", "", 11},
                             Since{"BitwiseAnd", "", 18},
                             Since{"BitwiseNot", "", 18},
                             Since{"BitwiseOr", "", 18},
                             Since{"BitwiseXor", "", 18},
                             Since{"BlackmanWindow", "", 17},
                             Since{"Cast", "round_mode", 24},
                             Since{"Cast", "saturate", 19},
                             Since{"CastLike", "", 15},
                             Since{"CastLike", "round_mode", 24},
                             Since{"CastLike", "saturate", 19},
                             Since{"CausalConvWithState", "", 27},
                             Since{"Celu", "", 12},
                             Since{"CenterCropPad", "", 18},
                             Since{"Col2Im", "", 18},
                             Since{"Compress", "", 9},
                             Since{"ConcatFromSequence", "", 11},
                             Since{"Constant", "sparse_value", 11},
                             Since{"Constant", "value_float", 12},
                             Since{"Constant", "value_floats", 12},
                             Since{"Constant", "value_int", 12},
                             Since{"Constant", "value_ints", 12},
                             Since{"Constant", "value_string", 12},
                             Since{"Constant", "value_strings", 12},
                             Since{"ConstantOfShape", "", 9},
                             Since{"ConvInteger", "", 10},
                             Since{"Cosh", "", 9},
                             Since{"CumProd", "", 26},
                             Since{"CumSum", "", 11},
                             Since{"DFT", "", 17},
                             Since{"DeformConv", "", 19},
                             Since{"DepthToSpace", "mode", 11},
                             Since{"DequantizeLinear", "", 10},
                             Since{"DequantizeLinear", "axis", 13},
                             Since{"DequantizeLinear", "block_size", 21},
                             Since{"DequantizeLinear", "output_dtype", 23},
                             Since{"Det", "", 11},
                             Since{"Dropout", "seed", 12},
                             Since{"DynamicQuantizeLinear", "", 11},
                             Since{"Einsum", "", 12},
                             Since{"Erf", "", 9},
                             Since{"Expand", "", 8},
                             Since{"EyeLike", "", 9},
                             Since{"GRU", "layout", 14},
                             Since{"GatherElements", "", 11},
                             Since{"GatherND", "", 11},
                             Since{"GatherND", "batch_dims", 12},
                             Since{"Gelu", "", 20},
                             Since{"GreaterOrEqual", "", 12},
                             Since{"GridSample", "", 16},
                             Since{"GroupNormalization", "", 18},
                             Since{"HammingWindow", "", 17},
                             Since{"HannWindow", "", 17},
                             Since{"HardSwish", "", 14},
                             Since{"ImageDecoder", "", 20},
                             Since{"IsInf", "", 10},
                             Since{"IsNaN", "", 9},
                             Since{"LSTM", "layout", 14},
                             Since{"LayerNormalization", "", 17},
                             Since{"LessOrEqual", "", 12},
                             Since{"LinearAttention", "", 27},
                             Since{"LpPool", "ceil_mode", 18},
                             Since{"LpPool", "dilations", 18},
                             Since{"MatMulInteger", "", 10},
                             Since{"MaxPool", "ceil_mode", 10},
                             Since{"MaxPool", "dilations", 10},
                             Since{"MaxPool", "storage_order", 8},
                             Since{"MaxUnpool", "", 9},
                             Since{"MeanVarianceNormalization", "", 9},
                             Since{"MelWeightMatrix", "", 17},
                             Since{"Mish", "", 18},
                             Since{"Mod", "", 10},
                             Since{"NegativeLogLikelihoodLoss", "", 12},
                             Since{"NonMaxSuppression", "", 10},
                             Since{"NonZero", "", 9},
                             Since{"OneHot", "", 9},
                             Since{"Optional", "", 15},
                             Since{"OptionalGetElement", "", 15},
                             Since{"OptionalHasElement", "", 15},
                             Since{"QLinearConv", "", 10},
                             Since{"QLinearMatMul", "", 10},
                             Since{"QuantizeLinear", "", 10},
                             Since{"QuantizeLinear", "axis", 13},
                             Since{"QuantizeLinear", "block_size", 21},
                             Since{"QuantizeLinear", "output_dtype", 21},
                             Since{"QuantizeLinear", "precision", 23},
                             Since{"QuantizeLinear", "saturate", 19},
                             Since{"RMSNormalization", "", 23},
                             Since{"RNN", "layout", 14},
                             Since{"Range", "", 11},
                             Since{"Range", "stash_type", 27},
                             Since{"ReduceL1", "noop_with_empty_axes", 18},
                             Since{"ReduceL2", "noop_with_empty_axes", 18},
                             Since{"ReduceLogSum", "noop_with_empty_axes", 18},
                             Since{"ReduceLogSumExp", "noop_with_empty_axes", 18},
                             Since{"ReduceMax", "noop_with_empty_axes", 18},
                             Since{"ReduceMean", "noop_with_empty_axes", 18},
                             Since{"ReduceMin", "noop_with_empty_axes", 18},
                             Since{"ReduceProd", "noop_with_empty_axes", 18},
                             Since{"ReduceSum", "noop_with_empty_axes", 13},
                             Since{"ReduceSumSquare", "noop_with_empty_axes", 18},
                             Since{"RegexFullMatch", "", 20},
                             Since{"Reshape", "allowzero", 14},
                             Since{"Resize", "", 10},
                             Since{"Resize", "antialias", 18},
                             Since{"Resize", "axes", 18},
                             Since{"Resize", "coordinate_transformation_mode", 11},
                             Since{"Resize", "cubic_coeff_a", 11},
                             Since{"Resize", "exclude_outside", 11},
                             Since{"Resize", "extrapolation_value", 11},
                             Since{"Resize", "keep_aspect_ratio_policy", 18},
                             Since{"Resize", "nearest_mode", 11},
                             Since{"ReverseSequence", "", 10},
                             Since{"RoiAlign", "", 10},
                             Since{"RoiAlign", "coordinate_transformation_mode", 16},
                             Since{"RotaryEmbedding", "", 23},
                             Since{"Round", "", 11},
                             Since{"STFT", "", 17},
                             Since{"Scan", "", 8},
                             Since{"Scan", "scan_input_axes", 9},
                             Since{"Scan", "scan_input_directions", 9},
                             Since{"Scan", "scan_output_axes", 9},
                             Since{"Scan", "scan_output_directions", 9},
                             Since{"Scatter", "", 9},
                             Since{"ScatterElements", "", 11},
                             Since{"ScatterElements", "reduction", 16},
                             Since{"ScatterND", "", 11},
                             Since{"ScatterND", "reduction", 16},
                             Since{"SequenceAt", "", 11},
                             Since{"SequenceConstruct", "", 11},
                             Since{"SequenceEmpty", "", 11},
                             Since{"SequenceErase", "", 11},
                             Since{"SequenceInsert", "", 11},
                             Since{"SequenceLength", "", 11},
                             Since{"SequenceMap", "", 17},
                             Since{"Shape", "end", 15},
                             Since{"Shape", "start", 15},
                             Since{"Shrink", "", 9},
                             Since{"Sign", "", 9},
                             Since{"Sinh", "", 9},
                             Since{"SoftmaxCrossEntropyLoss", "", 12},
                             Since{"Split", "num_outputs", 18},
                             Since{"SplitToSequence", "", 11},
                             Since{"StringConcat", "", 20},
                             Since{"StringNormalizer", "", 10},
                             Since{"StringSplit", "", 20},
                             Since{"SwiGLU", "", 28},
                             Since{"Swish", "", 24},
                             Since{"TensorScatter", "", 24},
                             Since{"TfIdfVectorizer", "", 9},
                             Since{"ThresholdedRelu", "", 10},
                             Since{"TopK", "largest", 11},
                             Since{"TopK", "sorted", 11},
                             Since{"Trilu", "", 14},
                             Since{"Unique", "", 11},
                             Since{"Where", "", 9}};
/// From this operator set on the op has the attribute no more (it became an input, or the op was replaced).
constexpr std::array taken{Since{"BatchNormalization", "spatial", 9},
                           Since{"Clip", "max", 11},
                           Since{"Clip", "min", 11},
                           Since{"DFT", "axis", 20},
                           Since{"Dropout", "ratio", 12},
                           Since{"GroupNormalization", "", 21},
                           Since{"Pad", "pads", 11},
                           Since{"Pad", "value", 11},
                           Since{"ReduceL1", "axes", 18},
                           Since{"ReduceL2", "axes", 18},
                           Since{"ReduceLogSum", "axes", 18},
                           Since{"ReduceLogSumExp", "axes", 18},
                           Since{"ReduceMax", "axes", 18},
                           Since{"ReduceMean", "axes", 18},
                           Since{"ReduceMin", "axes", 18},
                           Since{"ReduceProd", "axes", 18},
                           Since{"ReduceSum", "axes", 13},
                           Since{"ReduceSumSquare", "axes", 18},
                           Since{"Scan", "directions", 9},
                           Since{"Scatter", "", 11},
                           Since{"Slice", "axes", 10},
                           Since{"Slice", "ends", 10},
                           Since{"Slice", "starts", 10},
                           Since{"Split", "split", 13},
                           Since{"Squeeze", "axes", 13},
                           Since{"TopK", "k", 10},
                           Since{"Unsqueeze", "axes", 13},
                           Since{"Upsample", "", 10},
                           Since{"Upsample", "scales", 9}};

template <class Table>
std::span<const Since> of_op(const Table& table, std::string_view op) {
  const auto found = std::ranges::equal_range(table, op, {}, &Since::op);
  return {found.begin(), found.end()};
}

std::optional<std::int64_t> integer(const source::Model& m, const source::SourceNode& node, std::string_view name) {
  const auto value = m.attribute(node, name);
  const auto* i = value ? std::get_if<std::int64_t>(&*value) : nullptr;
  return i ? std::optional(*i) : std::nullopt;
}

/// Of a node's input or output, where one is known: declared, or that of a matrix product, also on the other side of a Q or DQ.
std::size_t rank_of(const source::Model& m, const source::Uses& uses, const source::SourceNode& node) {
  std::vector<source::TensorRef> seen;
  if (!node.inputs.empty()) seen.push_back(node.inputs[0]);
  if (!node.outputs.empty()) seen.push_back(node.outputs[0]);
  const auto converts = [&](source::NodeRef n) { return m[n].op == "QuantizeLinear" || m[n].op == "DequantizeLinear"; };
  for (std::size_t i = 0; i < seen.size() && i < 16; ++i) {
    const source::TensorRef t = seen[i];
    if (!t || t.dangling()) continue;
    if (m[t].shape.ranked()) return m[t].shape.rank();
    if (const source::NodeRef maker = uses.producer(t)) {
      if (m[maker].op == "Gemm" || m[maker].op == "Flatten") return 2;
      if (converts(maker) && !m[maker].inputs.empty()) seen.push_back(m[maker].inputs[0]);
    }
    for (const auto& use : uses.consumers(t))
      if (converts(use.node) && use.input == 0 && !m[use.node].outputs.empty()) seen.push_back(m[use.node].outputs[0]);
  }
  return 0;
}

}  // namespace

bool says_nothing(const source::Model& m, const source::SourceNode& node, std::string_view attribute) {
  const auto value = m.attribute(node, attribute);
  if (!value) return true;
  const bool zero_point = node.inputs.size() > 2 && node.inputs[2] && !node.inputs[2].dangling();
  if (attribute == "output_dtype" && node.op == "QuantizeLinear" && zero_point) return true;  // the zero point says it
  if (attribute == "axis") {
    const auto* scale =
        node.inputs.size() > 1 && node.inputs[1] && !node.inputs[1].dangling() ? &m[node.inputs[1]].shape : nullptr;
    return scale && scale->ranked() && scale->elements() == 1;
  }
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&*value))
    return attribute == "dilations" && std::ranges::all_of(*list, [](std::int64_t v) { return v == 1; });
  const auto* i = std::get_if<std::int64_t>(&*value);
  return i && *i == (attribute == "saturate" || attribute == "largest" || attribute == "sorted" ? 1 : 0);
}

std::optional<NewerThanImport> newest_of(const source::Model& m, const source::SourceNode& node) {
  std::optional<NewerThanImport> newest, idle;
  for (const Since& s : of_op(brought, node.op)) {
    if (s.opset <= node.version || (!s.attribute.empty() && !m.attribute(node, s.attribute))) continue;
    const bool nothing = !s.attribute.empty() && says_nothing(m, node, s.attribute);
    auto& of = nothing ? idle : newest;
    if (!of || s.opset > of->since) of = NewerThanImport{s.opset, s.attribute, nothing};
  }
  return newest ? newest : idle;
}

int last_opset_of_meaning(const source::Model& m, const source::Uses& uses, const source::SourceNode& node) {
  int last = INT_MAX;
  const auto until = [&](int opset) { last = node.version < opset ? std::min(last, opset - 1) : last; };
  for (const Since& s : of_op(taken, node.op))
    if (s.attribute.empty() || m.attribute(node, s.attribute)) until(s.opset);
  if (node.op == "Softmax" || node.op == "LogSoftmax" || node.op == "Hardmax") {
    // All axes from this one on were one, and the default was 1: the same where that is the last axis.
    const std::size_t rank = rank_of(m, uses, node);
    const auto axis = integer(m, node, "axis");
    if (axis != -1 && axis.value_or(1) + 1 != static_cast<std::int64_t>(rank)) until(13);
  }
  if (node.op == "Split" && node.inputs.size() < 2 && !m.attribute(node, "num_outputs")) until(18);
  if (node.op == "Resize") until(11);
  if (node.op == "BatchNormalization" && node.outputs.size() > 3) until(14);
  return last;
}

}  // namespace qgraph::diagnose
