// ONNX Runtime's quantized ops (com.microsoft): every operand with its scale and zero point.
#include "formats/onnx/translate.hpp"
#include "formats/onnx/translate_matmul.hpp"
#include "formats/onnx/translate_pool.hpp"
#include "formats/onnx/translate_support.hpp"

namespace qgraph::formats::onnx {
namespace {

/// The storage that an output gets: that of its zero point, else of `like`.
DType storage_of(const Value& zero_point, const Value& like) {
  return zero_point ? zero_point.type().storage() : like.type().storage();
}

/// Operand i with the scale and zero point behind it, as reals.
Value real(const SourceNode& n, GraphBuilder& g, std::size_t i) {
  const Value x = n.input(i);
  if (const auto q = parameters(x, n.input(i + 1), n.input(i + 2))) return g.add("dequantize", {quantized_as(g, x, *q)});
  return g.add("dequantize", {stored(g, x), n.input(i + 1), n.input(i + 2)});
}

/// Reals to plain integers by operands `scale` and `zero`.
Value integers_of(GraphBuilder& g, Value real_value, Value scale, Value zero, DType to, std::string rounding = "half_even") {
  const Attributes a{{"rounding", std::move(rounding)}, {"storage", std::string(name(to))}};
  if (const auto q = parameters(real_value, scale, zero); q && q->per_tensor())
    return stored(g, g.add("quantize", {real_value}, a, {TensorType(Quantized(to, *q), Shape::unknown_rank())}));
  return g.add("quantize", {real_value, scale, zero}, a);
}

Report lacks(const SourceNode& n, std::size_t i) {
  return refuse(n, Cause::dangling_reference, "'" + std::string(n.op()) + "' lacks operand " + std::to_string(i));
}
/// The first of these operands that is missing.
std::optional<std::size_t> missing(const SourceNode& n, std::initializer_list<std::size_t> wanted) {
  for (std::size_t i : wanted)
    if (!given(n, i)) return i;
  return std::nullopt;
}

}  // namespace

/// QLinearAdd and QLinearMul: A, its scale and zero point, B ..., those of the result.
Result<Outputs> lower_qlinear_binary(const SourceNode& n, GraphBuilder& g) {
  if (const auto i = missing(n, {0, 1, 3, 4, 6})) return lacks(n, *i);
  const std::string_view op = n.op() == "QLinearAdd" ? "add" : "mul";
  const Value a = n.input(0), b = n.input(3);
  const auto qa = parameters(a, n.input(1), n.input(2)), qb = parameters(b, n.input(4), n.input(5)),
             qc = parameters(a, n.input(6), n.input(7));
  const DType to = storage_of(n.input(7), a);
  if (qa && qb && qc && qa->per_tensor() && qb->per_tensor() && qc->per_tensor() && a.type().storage() == b.type().storage() &&
      to == a.type().storage())
    return Outputs(
        stored(g, g.add(op, {quantized_as(g, a, *qa), quantized_as(g, b, *qb)}, {{"rounding", std::string("nearest_even")}},
                        {TensorType(Quantized(to, *qc), Shape::unknown_rank())})));
  return Outputs(integers_of(g, g.add(op, {real(n, g, 0), real(n, g, 3)}), n.input(6), n.input(7), to));
}

/// QLinearSigmoid, QLinearLeakyRelu, QLinearReduceMean: through reals, as the tables are made.
Result<Outputs> lower_qlinear_unary(const SourceNode& n, GraphBuilder& g) {
  if (const auto i = missing(n, {0, 1, 3})) return lacks(n, *i);
  Value y = real(n, g, 0);
  if (n.op() == "QLinearSigmoid")
    y = g.add("logistic", {y});
  else if (n.op() == "QLinearLeakyRelu")
    y = g.add("leaky_relu", {y}, {{"alpha", n.number("alpha", 0.01)}});
  else
    y = g.add("mean", {y, constant(g, n.integers("axes"))}, {{"keep_dims", n.integer("keepdims", 1)}});
  return Outputs(integers_of(g, y, n.input(3), n.input(4), storage_of(n.input(4), n.input(0))));
}

Result<Outputs> lower_qlinear_concat(const SourceNode& n, GraphBuilder& g) {
  if (const auto i = missing(n, {0, 2, 3})) return lacks(n, *i);
  const auto wanted = parameters(n.input(2), n.input(0), n.input(1));
  std::vector<Value> parts;
  for (std::size_t i = 2; i + 1 < n.input_count(); i += 3) {
    const auto q = parameters(n.input(i), n.input(i + 1), n.input(i + 2));
    const bool same = q && wanted && *q == *wanted;
    parts.push_back(same ? stored(g, n.input(i))
                         : integers_of(g, real(n, g, i), n.input(0), n.input(1), storage_of(n.input(1), n.input(i))));
  }
  return g.add("concatenation", std::move(parts), {{"axis", n.integer("axis")}});
}

/// condition, X with its scale and zero point, Y with its, those of the result.
Result<Outputs> lower_qlinear_where(const SourceNode& n, GraphBuilder& g) {
  if (const auto i = missing(n, {0, 1, 2, 4, 5, 7})) return lacks(n, *i);
  const DType to = storage_of(n.input(8), n.input(1));
  const Value x = integers_of(g, real(n, g, 1), n.input(7), n.input(8), to),
              y = integers_of(g, real(n, g, 4), n.input(7), n.input(8), to);
  return g.add("select", {n.input(0), x, y});
}

Result<Outputs> lower_qlinear_average_pool(const SourceNode& n, GraphBuilder& g) {
  if (const auto i = missing(n, {0, 1, 3})) return lacks(n, *i);
  auto y = pool(n, g, real(n, g, 0), "average_pool_2d", {{"count_include_pad", n.integer("count_include_pad")}});
  if (!y) return y;
  return Outputs(integers_of(g, *y, n.input(3), n.input(4), storage_of(n.input(4), n.input(0)), "half_even_shifted"));
}

/// The sum of stored integers times one factor.
Result<Outputs> lower_qlinear_global_average_pool(const SourceNode& n, GraphBuilder& g) {
  if (const auto i = missing(n, {0, 1, 3})) return lacks(n, *i);
  const Value x = n.input(0);
  const bool last = n.integer("channels_last") != 0;
  const auto axes = spatial_axes_of(g, x, last);
  if (!axes) return refuse(n, Cause::shape_mismatch, "QLinearGlobalAveragePool needs an input of known rank, 3 or more");
  const Attributes keep{{"keep_dims", std::int64_t{1}}};
  const auto qx = parameters(x, n.input(1), n.input(2)), qy = parameters(x, n.input(3), n.input(4));
  std::int64_t count = 1;
  const Shape& shape = x.type().shape;
  for (std::size_t i = last ? 1 : 2; i < shape.rank() - (last ? 1 : 0); ++i)
    count = shape[i] < 0 || count < 0 ? -1 : count * shape[i];
  const DType to = storage_of(n.input(4), x);
  if (!qx || !qy || count < 1)
    return Outputs(integers_of(g, g.add("mean", {real(n, g, 0), *axes}, keep), n.input(3), n.input(4), to));
  Value sum = cast(g, stored(g, x), DType::int32);
  sum = g.add("sum", {g.add("sub", {sum, constant(g, DType::int32, static_cast<double>(qx->zero_point()))}), *axes}, keep);
  const float factor = qx->scales[0] / (qy->scales[0] * static_cast<float>(count));
  const Value scaled = g.add("mul", {cast(g, sum, DType::float32), constant(g, DType::float32, static_cast<double>(factor))});
  return Outputs(integers_of(g, scaled, constant(g, DType::float32, 1.0), n.input(4), to));
}

Result<Outputs> lower_qlinear_softmax(const SourceNode& n, GraphBuilder& g) {
  if (const auto i = missing(n, {0, 1, 3})) return lacks(n, *i);
  const Value x = n.input(0);
  const auto qx = parameters(x, n.input(1), n.input(2)), qy = parameters(x, n.input(3), n.input(4));
  const bool rows = n.integer("opset", 13) < 13;
  const auto rank = rank_of(x);
  std::int64_t axis = n.integer("axis", rows ? 1 : -1);
  if (!qx || !qy) return refuse(n, Cause::missing_quantization, "scales of QLinearSoftmax must be constants");
  if (rows && rank && axis < 0) axis += static_cast<std::int64_t>(*rank);
  if (rows && (!rank || axis + 1 != static_cast<std::int64_t>(*rank)))
    return refuse(n, Cause::invalid_attribute, "QLinearSoftmax of an opset before 13 works along the last axis here");
  const DType to = storage_of(n.input(4), x);
  return Outputs(stored(g, g.add("microsoft.qlinear_softmax", {quantized_as(g, x, *qx)}, {{"axis", axis}},
                                 {TensorType(Quantized(to, *qy), Shape::unknown_rank())})));
}

/// A, its scale and zero point, B ..., C as int32 sums, and the result's scale and zero point, without which it is float.
Result<Outputs> lower_qgemm(const SourceNode& n, GraphBuilder& g) {
  if (const auto i = missing(n, {0, 1, 3, 4})) return lacks(n, *i);
  const Value a = n.input(0), b = n.input(3), c = n.input(6);
  const bool transpose_a = n.integer("transA") != 0, transpose_b = n.integer("transB") != 0;
  const double alpha = n.number("alpha", 1.0);
  const auto qa = parameters(a, n.input(1), n.input(2)), qb = parameters(b, n.input(4), n.input(5), transpose_b ? 0 : 1),
             qy = parameters(a, n.input(7), n.input(8));
  const bool vector = !c || rank_of(c) == std::size_t{1};
  const DType to = given(n, 7) ? storage_of(n.input(8), a) : DType::float32;
  if (qa && qb && qy && qa->per_tensor() && vector && !transpose_a && alpha == 1.0) {
    std::vector<Value> inputs{quantized_as(g, a, *qa), quantized_as(g, b, *qb)};
    if (c) inputs.push_back(stored(g, c));
    return Outputs(stored(g, g.add("fully_connected", std::move(inputs),
                                   {{"weights_layout", std::string(transpose_b ? "oi" : "io")},
                                    {"rounding", std::string("nearest_even")},
                                    {"keep_num_dims", std::int64_t{1}}},
                                   {TensorType(Quantized(to, *qy), Shape::unknown_rank())})));
  }
  const Value x = transpose_a ? transpose(g, stored(g, a), {1, 0}) : stored(g, a),
              y = transpose_b ? transpose(g, stored(g, b), {1, 0}) : stored(g, b);
  Value sum = multiply(g, x, y, {.rest = {n.input(2), n.input(5)}, .integer = true});
  if (c) sum = g.add("add", {sum, stored(g, c)});
  Value factor = g.add("mul", {n.input(1), n.input(4)});
  if (alpha != 1.0) factor = g.add("mul", {constant(g, DType::float32, alpha), factor});
  if (given(n, 7)) factor = g.add("div", {factor, n.input(7)});
  const Value scaled = g.add("mul", {cast(g, sum, DType::float32), factor});
  if (!given(n, 7)) return Outputs(scaled);
  return Outputs(integers_of(g, scaled, constant(g, DType::float32, 1.0), n.input(8), to));
}

/// A, B, scales of A and B, zero points of A and B, bias.
Result<Outputs> lower_matmul_integer_to_float(const SourceNode& n, GraphBuilder& g) {
  if (const auto i = missing(n, {0, 1, 2, 3})) return lacks(n, *i);
  const Value sum =
      multiply(g, stored(g, n.input(0)), stored(g, n.input(1)), {.rest = {n.input(4), n.input(5)}, .integer = true});
  const Value factor = g.add("mul", {n.input(2), n.input(3)});
  Value y = g.add("mul", {cast(g, sum, DType::float32), factor}, {{"finite", std::int64_t{0}}});
  if (given(n, 6)) y = g.add("add", {y, n.input(6)}, {{"finite", std::int64_t{0}}});
  return Outputs(y);
}

/// A, B, scale of B, zero point of B, bias: A is quantized by its own range.
Result<Outputs> lower_dynamic_quantize_matmul(const SourceNode& n, GraphBuilder& g) {
  if (const auto i = missing(n, {0, 1, 2})) return lacks(n, *i);
  const Outputs a = g.add("dynamic_quantize", {n.input(0)});
  if (a.size() < 3) return a;
  const Value sum = multiply(g, a[0], stored(g, n.input(1)), {.rest = {a[2], n.input(3)}, .integer = true});
  Value y = g.add("mul", {cast(g, sum, DType::float32), g.add("mul", {a[1], n.input(2)})}, {{"finite", std::int64_t{0}}});
  if (given(n, 4)) y = g.add("add", {y, n.input(4)}, {{"finite", std::int64_t{0}}});
  return Outputs(y);
}

}  // namespace qgraph::formats::onnx
