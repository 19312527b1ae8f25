// One row per op and range of opsets in which it means the same: its operands, and the canonical op or the function that lowers it.
#include "formats/onnx/op_table.hpp"

#include <algorithm>
#include <array>

#include "formats/onnx/translate.hpp"

namespace qgraph::formats::onnx {
namespace {

/// Operands in order, attributes of the same name.
constexpr OpRow straight(std::string_view op, std::string_view operands, std::string_view to, int min_version = 1, int max_version = INT_MAX) {
  return {.op = op, .domain = "ai.onnx", .min_version = min_version, .max_version = max_version, .operands = operands, .to = to};
}

/// By a function.
constexpr OpRow lowered(std::string_view op, std::string_view operands, Lowering* lower, int min_version = 1, int max_version = INT_MAX) {
  return {.op = op, .domain = "ai.onnx", .min_version = min_version, .max_version = max_version, .operands = operands, .lower = lower};
}

constexpr auto rows = [] {
  std::array table{
      // quantization, conv, matmul, normalization, pooling, activations, com.microsoft
      straight("Relu", "x", "relu"),

      // movement, elementwise, reduction, control flow, sequences, random, the rest
      lowered("HannWindow", "size", lower_window),
      lowered("HammingWindow", "size", lower_window),
      lowered("BlackmanWindow", "size", lower_window),
      lowered("MelWeightMatrix", "num_mel_bins dft_length sample_rate lower_edge_hertz upper_edge_hertz", lower_mel_weight_matrix),
      lowered("DFT", "x length? axis?", lower_dft),
      straight("STFT", "signal frame_step window? frame_length?", "onnx.stft"),
      lowered("NegativeLogLikelihoodLoss", "x target weights?", lower_negative_log_likelihood),
      lowered("SoftmaxCrossEntropyLoss", "x target weights?", lower_softmax_cross_entropy),
      lowered("Unique", "x", lower_unique),
      straight("Einsum", "inputs*", "onnx.einsum"),
      lowered("TfIdfVectorizer", "x", lower_tf_idf),
      straight("NonMaxSuppression", "boxes scores max_output_boxes_per_class? iou_threshold? score_threshold?", "onnx.non_max_suppression"),
      lowered("If", "condition inputs*", lower_if),
      lowered("Loop", "trips? condition? inputs*", lower_loop),
      lowered("Scan", "inputs*", lower_scan),
      lowered("Add", "x y", lower_arithmetic),
      lowered("Sub", "x y", lower_arithmetic),
      lowered("Mul", "x y", lower_arithmetic),
      lowered("Div", "x y", lower_arithmetic),
      lowered("Sum", "inputs*", lower_sum),
      lowered("Max", "inputs*", lower_max),
      lowered("Min", "inputs*", lower_min),
      lowered("Mean", "inputs*", lower_mean),
      lowered("Pow", "x y", lower_pow),
      lowered("Mod", "x y", lower_mod),
      lowered("BitShift", "x y", lower_bit_shift),
      lowered("Reciprocal", "x", lower_reciprocal),
      lowered("Ceil", "x", lower_whole),
      lowered("Floor", "x", lower_whole),
      lowered("Round", "x", lower_whole),
      lowered("Abs", "x", lower_abs),
      lowered("Sign", "x", lower_sign),
      straight("Neg", "x", "neg"),
      straight("Sqrt", "x", "sqrt"),
      straight("Exp", "x", "exp"),
      straight("Log", "x", "log"),
      straight("Sin", "x", "sin"),
      straight("Cos", "x", "cos"),
      straight("Tan", "x", "tan"),
      straight("Asin", "x", "asin"),
      straight("Acos", "x", "acos"),
      straight("Atan", "x", "atan"),
      straight("Sinh", "x", "sinh"),
      straight("Cosh", "x", "cosh"),
      straight("Asinh", "x", "asinh"),
      straight("Acosh", "x", "acosh"),
      straight("Atanh", "x", "atanh"),
      straight("Erf", "x", "erf"),
      lowered("IsInf", "x", lower_is_inf),
      lowered("IsNaN", "x", lower_is_nan),
      straight("And", "x y", "logical_and"),
      straight("Or", "x y", "logical_or"),
      straight("Xor", "x y", "logical_xor"),
      straight("Not", "x", "logical_not"),
      straight("BitwiseAnd", "x y", "bitwise_and"),
      straight("BitwiseOr", "x y", "bitwise_or"),
      straight("BitwiseXor", "x y", "bitwise_xor"),
      straight("BitwiseNot", "x", "bitwise_not"),
      straight("Equal", "x y", "equal"),
      straight("Greater", "x y", "greater"),
      straight("GreaterOrEqual", "x y", "greater_equal"),
      straight("Less", "x y", "less"),
      straight("LessOrEqual", "x y", "less_equal"),
      straight("Where", "condition x y", "select"),
      lowered("Cast", "x", lower_cast),
      lowered("CastLike", "x like", lower_cast),
      lowered("BitCast", "x", lower_bitcast),
      lowered("Shrink", "x", lower_shrink),
      lowered("Identity", "x", lower_identity),
      lowered("ReduceMax", "x axes?", lower_reduce),
      lowered("ReduceMin", "x axes?", lower_reduce),
      lowered("ReduceSum", "x axes?", lower_reduce),
      lowered("ReduceMean", "x axes?", lower_reduce),
      lowered("ReduceProd", "x axes?", lower_reduce),
      lowered("ReduceL1", "x axes?", lower_reduce),
      lowered("ReduceL2", "x axes?", lower_reduce),
      lowered("ReduceLogSum", "x axes?", lower_reduce),
      lowered("ReduceLogSumExp", "x axes?", lower_reduce),
      lowered("ReduceSumSquare", "x axes?", lower_reduce),
      lowered("ArgMax", "x", lower_arg_extreme),
      lowered("ArgMin", "x", lower_arg_extreme),
      lowered("CumSum", "x axis", lower_cumulative),
      lowered("CumProd", "x axis", lower_cumulative),
      lowered("TopK", "x k?", lower_top_k),
      lowered("NonZero", "x", lower_non_zero),
      lowered("Reshape", "x shape?", lower_reshape),
      lowered("Squeeze", "x axes?", lower_squeeze),
      lowered("Unsqueeze", "x axes?", lower_unsqueeze),
      lowered("Flatten", "x", lower_flatten),
      lowered("Transpose", "x", lower_transpose),
      lowered("Concat", "inputs*", lower_concat),
      lowered("Split", "x split?", lower_split),
      lowered("Slice", "x starts? ends? axes? steps?", lower_slice),
      lowered("Gather", "x indices", lower_gather),
      lowered("GatherND", "x indices", lower_gather_nd),
      straight("GatherElements", "x indices", "onnx.gather_elements"),
      straight("Scatter", "x indices updates", "onnx.scatter_elements"),
      straight("ScatterElements", "x indices updates", "onnx.scatter_elements"),
      straight("ScatterND", "x indices updates", "onnx.scatter_nd"),
      lowered("Pad", "x pads? value? axes?", lower_pad),
      lowered("Tile", "x repeats? axis?", lower_tile),
      lowered("Expand", "x shape", lower_expand),
      lowered("Shape", "x", lower_shape),
      lowered("Size", "x", lower_size),
      lowered("ConstantOfShape", "shape", lower_constant_of_shape),
      lowered("OneHot", "indices depth values", lower_one_hot),
      lowered("DepthToSpace", "x", lower_block_space),
      lowered("SpaceToDepth", "x", lower_block_space),
      lowered("ReverseSequence", "x lengths", lower_reverse_sequence),
      straight("Range", "start limit delta", "range"),
      lowered("EyeLike", "x", lower_eye_like),
      straight("Trilu", "x k?", "onnx.trilu"),
      lowered("Compress", "x condition", lower_compress),
      straight("Det", "x", "onnx.det"),
  };
  std::ranges::sort(table, {}, &OpRow::op);
  return table;
}();

}  // namespace

std::span<const OpRow> op_table() noexcept { return rows; }

}  // namespace qgraph::formats::onnx
