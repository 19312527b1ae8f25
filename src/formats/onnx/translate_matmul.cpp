// Matrix products of ONNX: Gemm and MatMul, quantized ones, and those of plain integers.
#include "formats/onnx/translate_matmul.hpp"

#include "formats/onnx/translate.hpp"
#include "formats/onnx/translate_support.hpp"

namespace qgraph::formats::onnx {
namespace {

/// A vector becomes a row (left) or a column (right); what a quantized value's scales go along must be its last axis.
Value as_matrix(GraphBuilder& g, Value v, bool left) {
  if (rank_of(v) != std::size_t{1}) return v;
  const std::vector<std::int64_t> shape = left ? std::vector<std::int64_t>{1, -1} : std::vector<std::int64_t>{-1, 1};
  if (!v.quantized()) return reshape(g, v, shape);
  Quantization q = *v.type().quantization();
  if (!q.per_tensor()) return v;
  return quantized_as(g, reshape(g, stored(g, v), shape), std::move(q));
}

/// Without the dimensions that as_matrix() added.
Value without_added(GraphBuilder& g, Value y, bool row, bool column) {
  if (!y || (!row && !column)) return y;
  std::vector<std::int64_t> axes;
  if (row) axes.push_back(-2);
  if (column) axes.push_back(-1);
  if (!y.quantized()) return g.add("squeeze", {y}, {{"axes", std::move(axes)}});
  const Quantization q = *y.type().quantization();
  return quantized_as(g, g.add("squeeze", {stored(g, y)}, {{"axes", std::move(axes)}}), q);
}

/// Weights of 32 bits, as biases have them, are no matrices.
Value matrix_of(GraphBuilder& g, Value v) {
  const Value q = weights_of(g, v);
  return bits(q.type().storage()) == 32 ? v : q;
}

}  // namespace

Value multiply(GraphBuilder& g, Value x, Value y, const Product& p) {
  const bool row = rank_of(x) == std::size_t{1}, column = rank_of(y) == std::size_t{1};
  Attributes a;
  if (!p.integer) {
    a.set("adj_x", std::int64_t{p.transpose_x});
    a.set("adj_y", std::int64_t{p.transpose_y});
    a.set("rounding", std::string("nearest_even"));
    a.set("summation", std::string(p.constant_y ? "packed" : "blocked"));
  }
  std::vector<Value> inputs{as_matrix(g, x, true), as_matrix(g, y, false)};
  inputs.insert(inputs.end(), p.rest.begin(), p.rest.end());
  while (!inputs.back()) inputs.pop_back();
  std::vector<TensorType> declared;
  if (p.output) declared.push_back(TensorType(*p.output, Shape::unknown_rank()));
  return without_added(
      g, g.add(p.integer ? "matmul_integer" : "batch_matmul", std::move(inputs), std::move(a), std::move(declared)), row, column);
}

Value float_product(GraphBuilder& g, Value x, Value y, bool transpose_x, bool transpose_y) {
  const DType dtype = x.type().dtype();
  if (is_integer(dtype) && bits(dtype) < 32) {  // Gemm and MatMul of small integers wrap as the wider ones do
    const Value wide =
        multiply(g, cast(g, x, DType::int32), cast(g, y, DType::int32), {.transpose_x = transpose_x, .transpose_y = transpose_y});
    return cast(g, wide, dtype);
  }
  const bool odd = dtype == DType::uint32 || dtype == DType::uint64;
  if (odd) {
    const Value wide =
        multiply(g, cast(g, x, DType::int64), cast(g, y, DType::int64), {.transpose_x = transpose_x, .transpose_y = transpose_y});
    return cast(g, wide, dtype);
  }
  return narrowed(g,
                  multiply(g, widened(g, x), matrix_of(g, widened(g, y)),
                           {.transpose_x = transpose_x, .transpose_y = transpose_y, .constant_y = y.constant() != nullptr}),
                  dtype);
}

Result<Outputs> lower_matmul(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0), y = n.input(1);
  if (!x || !y) return refuse(n, Cause::dangling_reference, "MatMul lacks an operand");
  return Outputs(float_product(g, stored(g, x), stored(g, y), false, false));
}

Result<Outputs> lower_gemm(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0), y = n.input(1);
  if (!x || !y) return refuse(n, Cause::dangling_reference, "Gemm lacks an operand");
  return gemm(n, g, x, y, n.input(2));
}

Result<Outputs> gemm(const SourceNode& n, GraphBuilder& g, Value x, Value y, Value addend) {
  const DType dtype = x.type().dtype();
  const double alpha = n.number("alpha", 1.0), beta = n.number("beta", 1.0);
  const bool transpose_x = n.integer("transA") != 0, transpose_y = n.integer("transB") != 0;
  const Value weights = matrix_of(g, widened(g, y)), bias = weights_of(g, widened(g, addend));
  // A layer as exporters write it is one fully connected op.
  const bool vector =
      !addend || (rank_of(addend) == std::size_t{1} && weights.type().shape.ranked() && weights.type().shape.rank() == 2 &&
                  addend.type().shape[0] == weights.type().shape[transpose_y ? 0 : 1]);
  const Quantization* q = weights.type().quantization();
  const bool fits = !q || q->per_tensor() || (q->block_size == 0 && q->axis == (transpose_y ? 0 : 1));
  if (is_float(dtype) && alpha == 1.0 && beta == 1.0 && !transpose_x && vector && fits && rank_of(x) == std::size_t{2}) {
    const bool stays = bias && bias.type().storage() == DType::int32;
    Attributes a{{"keep_num_dims", std::int64_t{1}},
                 {"weights_layout", std::string(transpose_y ? "oi" : "io")},
                 {"rounding", std::string("nearest_even")},
                 {"summation", std::string(y.constant() ? "packed" : "blocked")}};
    std::vector<Value> inputs{widened(g, x), weights};
    if (addend) inputs.push_back(stays ? bias : widened(g, addend));
    return narrowed(g, g.add("fully_connected", std::move(inputs), std::move(a)), dtype);
  }
  const DType wide = is_float(dtype) ? DType::float32 : dtype;
  Value sum = float_product(g, cast(g, stored(g, x), wide), cast(g, stored(g, y), wide), transpose_x, transpose_y);
  const Attributes open{{"finite", std::int64_t{0}}};
  if (alpha != 1.0) sum = g.add("mul", {sum, constant(g, wide, alpha)}, open);
  if (addend && beta != 0.0) {
    Value c = cast(g, stored(g, addend), wide);
    if (beta != 1.0) c = g.add("mul", {c, constant(g, wide, beta)}, open);
    sum = g.add("add", {sum, c}, open);
  }
  return Outputs(cast(g, sum, dtype));
}

Result<Outputs> lower_matmul_integer(const SourceNode& n, GraphBuilder& g) {
  const Value x = stored(g, n.input(0)), y = stored(g, n.input(1));
  if (!x || !y) return refuse(n, Cause::dangling_reference, "MatMulInteger lacks an operand");
  return Outputs(multiply(g, x, y, {.rest = {n.input(2), n.input(3)}, .integer = true}));
}

Result<Outputs> lower_qlinear_matmul(const SourceNode& n, GraphBuilder& g) {
  for (std::size_t i = 0; i < 8; ++i)
    if (!given(n, i)) return refuse(n, Cause::dangling_reference, "QLinearMatMul lacks operand " + std::to_string(i));
  const Value x = n.input(0), y = n.input(3);
  const auto qx = parameters(x, n.input(1), n.input(2), -2), qy = parameters(y, n.input(4), n.input(5), -1),
             qo = parameters(x, n.input(6), n.input(7));
  const DType to = n.input(7).type().storage();
  if (qx && qy && qo && qx->per_tensor() && qo->per_tensor())
    return Outputs(stored(g, multiply(g, quantized_as(g, x, *qx), quantized_as(g, y, *qy), {.output = Quantized(to, *qo)})));
  const Value sum = multiply(g, stored(g, x), stored(g, y), {.rest = {n.input(2), n.input(5)}, .integer = true});
  // Scales of rows of x stand in a column.
  const auto column = [&](Value v) {
    return rank_of(v) == std::size_t{1} && v.type().shape.elements() != 1 ? reshape(g, v, {-1, 1}) : v;
  };
  Value factor = g.add("mul", {cast(g, column(n.input(1)), DType::float32), cast(g, n.input(4), DType::float32)});
  factor = g.add("div", {factor, cast(g, n.input(6), DType::float32)});
  return g.add(
      "quantize",
      {g.add("mul", {cast(g, sum, DType::float32), factor}), constant(g, DType::float32, 1.0), reshape(g, n.input(7), {})},
      {{"rounding", std::string("half_even")}, {"storage", std::string(name(to))}});
}

}  // namespace qgraph::formats::onnx
