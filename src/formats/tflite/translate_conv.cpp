// Convolutions and matrix products of TensorFlow Lite. Float input beside quantized weights means its dynamic range kernels.
#include <algorithm>
#include <cstring>

#include "formats/tflite/translate.hpp"

namespace qgraph::formats::tflite {
namespace {

bool dynamic_range(const Value& input, const Value& weights) {
  return input && weights && input.type().dtype() == DType::float32 && weights.quantized();
}

/// The attributes of a convolution that `names` lists, and those that hang on dtypes.
Attributes convolution(const SourceNode& n, const Value& input, const Value& weights,
                       std::initializer_list<std::string_view> left_out) {
  Attributes a;
  for (const auto& [name, value] : conv_attributes(n))
    if (std::ranges::find(left_out, name) == left_out.end()) a.set(name, value);
  if (dynamic_range(input, weights)) a.set("dynamic_range", std::int64_t{1});
  return a;
}

/// FULLY_CONNECTED's kernels subtract a zero point of int8 weights only where these have one scale and the input is quantized
/// (tensorflow/lite/kernels/fully_connected.cc); elsewhere they are taken as symmetric.
Value without_passed_over_zero_points(GraphBuilder& g, const Value& input, const Value& weights) {
  const Quantization* q = weights && weights.quantized() ? weights.type().quantization() : nullptr;
  if (!q || weights.type().storage() != DType::int8 || q->block_size != 0 || !weights.constant()) return weights;
  if (!dynamic_range(input, weights) && q->scales.size() < 2) return weights;
  if (std::ranges::all_of(q->zero_points, [](std::int64_t z) { return z == 0; })) return weights;
  Quantization symmetric = *q;
  symmetric.zero_points.assign(symmetric.zero_points.size(), 0);
  return g.quantized(g.constant(TensorType(weights.type().storage(), weights.type().shape), *weights.constant()),
                     std::move(symmetric));
}

/// 16-bit kernels sum in 32 bits where the file says so.
void set_accumulator(const SourceNode& n, Attributes& a) {
  if (n.text("quantized_bias_type") == "INT32") a.set("narrow_accumulator", std::int64_t{1});
}

std::vector<TensorType> declared(const SourceNode& n) { return {n.output_type(0)}; }

}  // namespace

Result<Outputs> lower_conv_2d(const SourceNode& n, GraphBuilder& g) {
  Attributes a = convolution(n, n.input(0), n.input(1), {});
  set_accumulator(n, a);
  return g.add("conv_2d", {n.input(0), n.input(1), n.input(2)}, std::move(a), declared(n));
}

Result<Outputs> lower_depthwise_conv_2d(const SourceNode& n, GraphBuilder& g) {
  return g.add("depthwise_conv_2d", {n.input(0), n.input(1), n.input(2)}, convolution(n, n.input(0), n.input(1), {"groups"}),
               declared(n));
}

Result<Outputs> lower_conv_3d(const SourceNode& n, GraphBuilder& g) {
  return g.add("conv_3d", {n.input(0), n.input(1), n.input(2)}, conv_attributes(n), declared(n));
}

Result<Outputs> lower_transpose_conv(const SourceNode& n, GraphBuilder& g) {
  Attributes a = convolution(n, n.input(2), n.input(1), {});
  set_accumulator(n, a);
  return g.add("transpose_conv_2d", {n.input(2), n.input(1), n.input(3), n.input(0)}, std::move(a), declared(n));
}

Result<Outputs> lower_conv_3d_transpose(const SourceNode& n, GraphBuilder& g) {
  return g.add("transpose_conv_3d", {n.input(2), n.input(1), n.input(3), n.input(0)}, conv_attributes(n), declared(n));
}

Result<Outputs> lower_fully_connected(const SourceNode& n, GraphBuilder& g) {
  if (const std::string format = n.text("weights_format", "DEFAULT"); format != "DEFAULT") {
    Report report;
    report.diagnostics.push_back(
        n.problem(Cause::invalid_attribute, "weights in the order " + format + " are not read",
                  "they are interleaved for one processor's kernel; only DEFAULT, [units, depth], is portable"));
    return report;
  }
  const Value input = n.input(0), weights = without_passed_over_zero_points(g, input, n.input(1));
  Attributes a{{"keep_num_dims", n.integer("keep_num_dims")}};
  const Attributes spelled = conv_attributes(n);
  if (const auto* activation = spelled.find("activation")) a.set("activation", *activation);
  if (dynamic_range(input, weights)) {
    a.set("dynamic_range", std::int64_t{1});
    a.set("asymmetric_inputs", n.integer("asymmetric_quantize_inputs"));
  }
  // 16 x 16 bits is the one kernel that still multiplies in fixed point.
  if (weights && weights.type().storage() == DType::int16) a.set("rounding", std::string("double_rounding"));
  return g.add("fully_connected", {input, weights, n.input(2)}, std::move(a), declared(n));
}

Result<Outputs> lower_batch_matmul(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0), y = n.input(1);
  Attributes a{{"adj_x", n.integer("adj_x")}, {"adj_y", n.integer("adj_y")}};
  if (dynamic_range(x, y)) {
    a.set("dynamic_range", std::int64_t{1});
    a.set("asymmetric_inputs", n.integer("asymmetric_quantize_inputs"));
  }
  return g.add("batch_matmul", {x, y}, std::move(a), declared(n));
}

/// MediaPipe's custom op: a transposed convolution with bias whose options are the C struct of TRANSPOSE_CONV's parameters.
Result<Outputs> lower_convolution_2d_transpose_bias(const SourceNode& n, GraphBuilder& g) {
  const auto raw = n.raw_options();
  std::int32_t fields[3] = {};  // padding (1 same, 2 valid), stride_w, stride_h
  if (raw.size() < sizeof fields) {
    Report report;
    report.diagnostics.push_back(
        n.problem(Cause::missing_attribute, "'" + std::string(n.op()) + "' lacks its padding and strides"));
    return report;
  }
  std::memcpy(fields, raw.data(), sizeof fields);
  Attributes a{{"padding", std::string(fields[0] == 1 ? "same" : "valid")},
               {"stride_w", std::int64_t{fields[1]}},
               {"stride_h", std::int64_t{fields[2]}}};
  if (dynamic_range(n.input(0), n.input(1))) a.set("dynamic_range", std::int64_t{1});
  return g.add("transpose_conv_2d", {n.input(0), n.input(1), n.input(2)}, std::move(a), declared(n));
}

}  // namespace qgraph::formats::tflite
