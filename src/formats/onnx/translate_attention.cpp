// Attention of ONNX and ONNX Runtime, made of matrix products and softmax.
#include <algorithm>
#include <cmath>

#include "formats/onnx/tensor_types.hpp"
#include "formats/onnx/translate.hpp"
#include "formats/onnx/translate_matmul.hpp"
#include "formats/onnx/translate_support.hpp"

namespace qgraph::formats::onnx {
namespace {

const Attributes open_range{{"finite", std::int64_t{0}}};

Value add(GraphBuilder& g, Value a, Value b) { return g.add("add", {a, b}, open_range); }
Value mul(GraphBuilder& g, Value a, Value b) { return g.add("mul", {a, b}, open_range); }
Value number(GraphBuilder& g, double v) { return constant(g, DType::float32, v); }
Value unsqueezed(GraphBuilder& g, Value v, std::vector<std::int64_t> axes) {
  return g.add("expand_dims", {v}, {{"axes", std::move(axes)}});
}
Value concatenated(GraphBuilder& g, Value a, Value b, std::int64_t axis) {
  return g.add("concatenation", {a, b}, {{"axis", axis}});
}
std::vector<Value> split(GraphBuilder& g, Value v, const std::vector<std::int64_t>& sizes, std::int64_t axis) {
  std::vector<TensorType> declared(sizes.size(), TensorType(DType::unknown, Shape::unknown_rank()));
  const Outputs parts = g.add("split", {v, constant(g, sizes)}, {{"axis", axis}}, std::move(declared));
  return {parts.begin(), parts.end()};
}
Report lacks(const SourceNode& n) {
  return refuse(n, Cause::dangling_reference, "'" + std::string(n.op()) + "' lacks an operand");
}

/// 0 where a key may be seen, else `hidden`: key j by query i where j <= i + earlier.
std::optional<Value> causal_mask(GraphBuilder& g, const Value& queries, const Value& keys, std::int64_t earlier, double hidden) {
  const Shape &q = queries.type().shape, &k = keys.type().shape;
  if (!q.ranked() || !k.ranked() || q[q.rank() - 2] < 0 || k[k.rank() - 2] < 0) return std::nullopt;
  const std::int64_t rows = q[q.rank() - 2], columns = k[k.rank() - 2];
  if (rows * columns > (std::int64_t{1} << 26)) return std::nullopt;
  std::vector<double> mask;
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) mask.push_back(j <= i + earlier ? 0.0 : hidden);
  return reshape(g, constant(g, DType::float32, mask), {rows, columns});
}

/// [batch, steps, heads * size] to [batch, heads, steps, size].
Value to_heads(GraphBuilder& g, Value v, std::int64_t heads) {
  return transpose(g, reshape(g, v, {0, 0, heads, -1}), {0, 2, 1, 3});
}
Value from_heads(GraphBuilder& g, Value v) { return reshape(g, transpose(g, v, {0, 2, 1, 3}), {0, 0, -1}); }

/// mask of ONNX Runtime: [batch, keys] or [batch, queries, keys] of 1 for what is seen; or [batch], the numbers of keys.
Result<Value> runtime_mask(const SourceNode& n, GraphBuilder& g, Value mask, const Value& keys, double hidden) {
  const auto rank = rank_of(mask);
  if (!rank || *rank < 1 || *rank > 3) return refuse(n, Cause::shape_mismatch, "a mask of rank 1 to 3 is supported");
  Value seen;
  if (*rank == 1) {
    const std::int64_t length = keys.type().shape.ranked() ? keys.type().shape[2] : -1;
    if (length < 0) return refuse(n, Cause::shape_mismatch, "a mask of lengths needs a known number of keys");
    std::vector<double> places;
    for (std::int64_t i = 0; i < length; ++i) places.push_back(static_cast<double>(i));
    seen = g.add("less", {constant(g, DType::int32, places), unsqueezed(g, cast(g, mask, DType::int32), {1})});
  } else {
    seen = g.add("not_equal", {cast(g, mask, DType::int32), constant(g, DType::int32, 0.0)});
  }
  seen = unsqueezed(g, seen, *rank == 3 ? std::vector<std::int64_t>{1} : std::vector<std::int64_t>{1, 2});
  return Value(g.add("select", {seen, number(g, 0.0), number(g, hidden)}));
}

/// Heads of q, k, v, from one product [batch, steps, 3 * hidden].
Result<Outputs> attend_packed(const SourceNode& n, GraphBuilder& g, Value qkv, std::size_t mask_operand,
                              std::size_t bias_operand) {
  const std::int64_t heads = n.integer("num_heads");
  if (heads < 1) return refuse(n, Cause::missing_attribute, "'" + std::string(n.op()) + "' lacks num_heads");
  std::vector<std::int64_t> sizes = n.integers("qkv_hidden_sizes");
  const Shape& shape = qkv.type().shape;
  if (sizes.empty()) {
    if (!shape.ranked() || shape.rank() != 3 || shape[2] < 0 || shape[2] % 3 != 0)
      return refuse(n, Cause::shape_mismatch,
                    "'" + std::string(n.op()) + "' needs weights of known size, three times the hidden one");
    sizes.assign(3, shape[2] / 3);
  }
  if (sizes.size() != 3 || sizes[0] % heads != 0 || sizes[0] < heads || sizes[0] != sizes[1])
    return refuse(n, Cause::invalid_attribute, "hidden sizes do not make " + std::to_string(heads) + " heads");
  const auto parts = split(g, qkv, sizes, 2);
  if (parts.size() != 3) return Outputs{};
  const Value q = to_heads(g, parts[0], heads), k = to_heads(g, parts[1], heads), v = to_heads(g, parts[2], heads);
  double scale = n.number("scale");
  if (scale == 0) scale = 1.0 / std::sqrt(static_cast<double>(sizes[0] / heads));
  Value scores = mul(g, multiply(g, q, k, {.transpose_y = true}), number(g, scale));
  const double hidden = n.number("mask_filter_value", -10000.0);
  if (given(n, bias_operand)) scores = add(g, scores, n.input(bias_operand));
  if (given(n, mask_operand)) {
    auto mask = runtime_mask(n, g, n.input(mask_operand), k, hidden);
    if (!mask) return std::move(mask).error();
    scores = add(g, scores, *mask);
  }
  if (n.integer("unidirectional") != 0) {
    const auto mask = causal_mask(g, q, k, 0, hidden);
    if (!mask) return refuse(n, Cause::shape_mismatch, "unidirectional attention needs a known number of steps");
    scores = add(g, scores, *mask);
  }
  return Outputs(from_heads(g, multiply(g, g.add("softmax", {scores}, {{"polynomial", std::int64_t{1}}}), v, {})));
}

}  // namespace

/// input, weights [depth, 3 * hidden], bias, mask, past, attention bias.
Result<Outputs> lower_microsoft_attention(const SourceNode& n, GraphBuilder& g) {
  if (!given(n, 0) || !given(n, 1)) return lacks(n);
  if (given(n, 4) || n.output_count() > 1)
    return refuse(n, Cause::invalid_attribute, "attention over past states is not supported");
  Value qkv = multiply(g, widened(g, n.input(0)), weights_of(g, widened(g, n.input(1))), {});
  if (given(n, 2)) qkv = add(g, qkv, widened(g, n.input(2)));
  auto y = attend_packed(n, g, qkv, 3, 5);
  if (!y) return y;
  return narrowed(g, *y, n.input(0).type().dtype());
}

/// input, weights, bias, scales of input and weights, mask, zero points of input and weights, past.
Result<Outputs> lower_qattention(const SourceNode& n, GraphBuilder& g) {
  for (std::size_t i = 0; i < 5; ++i)
    if (!given(n, i)) return lacks(n);
  if (given(n, 8) || n.output_count() > 1)
    return refuse(n, Cause::invalid_attribute, "attention over past states is not supported");
  const Value sum =
      multiply(g, stored(g, n.input(0)), stored(g, n.input(1)), {.rest = {n.input(6), n.input(7)}, .integer = true});
  const Value qkv = add(g, mul(g, cast(g, sum, DType::float32), mul(g, n.input(3), n.input(4))), n.input(2));
  return attend_packed(n, g, qkv, 5, 99);
}

/// query, key, value, bias, mask of keys, attention bias, past keys, past values. Outputs: the result, all keys, all values.
Result<Outputs> lower_multi_head_attention(const SourceNode& n, GraphBuilder& g) {
  const std::int64_t heads = n.integer("num_heads");
  if (!given(n, 0) || !given(n, 1) || !given(n, 2))
    return refuse(n, Cause::dangling_reference, "'MultiHeadAttention' lacks an operand",
                  "packed queries, keys and values are not known");
  if (heads < 1) return refuse(n, Cause::missing_attribute, "'MultiHeadAttention' lacks num_heads");
  if (rank_of(n.input(0)) != std::size_t{3})
    return refuse(n, Cause::shape_mismatch, "the query of MultiHeadAttention is [batch, steps, hidden]");
  const DType dtype = n.input(0).type().dtype();
  Value operands[3] = {widened(g, n.input(0)), widened(g, n.input(1)), widened(g, n.input(2))};
  if (given(n, 3)) {
    std::vector<std::int64_t> sizes;
    for (const Value& v : operands) sizes.push_back(rank_of(v) == std::size_t{3} ? v.type().shape[2] : -1);
    if (std::ranges::any_of(sizes, [](std::int64_t s) { return s < 1; }))
      return refuse(n, Cause::shape_mismatch, "a bias of MultiHeadAttention needs operands of rank 3 and known size");
    const auto parts = split(g, widened(g, n.input(3)), sizes, 0);
    if (parts.size() != 3) return Outputs{};
    for (std::size_t i = 0; i < 3; ++i) operands[i] = add(g, operands[i], parts[i]);
  }
  for (Value& v : operands)
    if (rank_of(v) == std::size_t{3}) v = to_heads(g, v, heads);
  const Shape shape = operands[0].type().shape;
  double scale = n.number("scale");
  if (scale == 0) {
    if (!shape.ranked() || shape.rank() != 4 || shape[3] < 1)
      return refuse(n, Cause::shape_mismatch, "MultiHeadAttention without a scale needs heads of a known size");
    scale = 1.0 / std::sqrt(static_cast<double>(shape[3]));
  }
  Value bias = widened(g, n.input(5));
  if (given(n, 4)) {
    if (given(n, 6)) return refuse(n, Cause::invalid_attribute, "MultiHeadAttention with a mask and past keys is not known");
    auto mask = runtime_mask(n, g, n.input(4), operands[1], n.number("mask_filter_value", -10000.0));
    if (!mask) return std::move(mask).error();
    bias = bias ? add(g, bias, *mask) : *mask;
  }
  const std::vector<TensorType> open(std::clamp<std::size_t>(n.output_count(), 1, 3),
                                     TensorType(DType::unknown, Shape::unknown_rank()));
  const Outputs made =
      g.add("onnx.attention", {operands[0], operands[1], operands[2], bias, widened(g, n.input(6)), widened(g, n.input(7))},
            {{"scale", scale}, {"is_causal", n.integer("unidirectional")}}, open);
  std::vector<Value> outputs;
  for (const Value& y : made) outputs.push_back(narrowed(g, outputs.empty() ? from_heads(g, y) : y, dtype));
  return Outputs(std::move(outputs));
}

/// Q, K, V, mask, past keys, past values, numbers of keys. Outputs: the result, all keys, all values, and the scores at some
/// point.
Result<Outputs> lower_attention(const SourceNode& n, GraphBuilder& g) {
  if (!given(n, 0) || !given(n, 1) || !given(n, 2)) return lacks(n);
  const DType dtype = n.input(0).type().dtype();
  const auto rank = rank_of(n.input(0));
  const std::int64_t q_heads = n.integer("q_num_heads"), kv_heads = n.integer("kv_num_heads");
  const bool flat = rank == std::size_t{3};
  if (!rank || (flat && (q_heads < 1 || kv_heads < 1)) || (!flat && *rank != 4))
    return refuse(n, Cause::shape_mismatch, "Attention takes operands of rank 4, or of rank 3 with numbers of heads");
  const auto heads = [&](std::size_t i, std::int64_t count) {
    return flat ? to_heads(g, widened(g, n.input(i)), count) : widened(g, n.input(i));
  };
  const Value q = heads(0, q_heads), k = heads(1, kv_heads), v = heads(2, kv_heads);
  double scale = n.number("scale");
  if (!n.attribute("scale")) {
    const Shape& shape = q.type().shape;
    if (!shape.ranked() || shape.rank() != 4 || shape[3] < 1)
      return refuse(n, Cause::shape_mismatch, "Attention without a scale needs heads of a known size");
    scale = 1.0 / std::sqrt(static_cast<double>(shape[3]));
  }
  const DType softmax = dtype_of(n.integer("softmax_precision"));
  const auto rounds = [](DType d) { return std::string(name(d == DType::float16 || d == DType::bfloat16 ? d : DType::float32)); };
  Attributes a{{"scale", scale},
               {"softcap", n.number("softcap")},
               {"is_causal", n.integer("is_causal")},
               {"left_window", n.integer("left_window_size", -1)},
               {"right_window", n.integer("right_window_size", -1)},
               {"shown", n.integer("qk_matmul_output_mode")},
               {"precision", rounds(dtype)},
               {"softmax_precision", rounds(softmax == DType::unknown ? dtype : softmax)}};
  const std::vector<TensorType> open(std::clamp<std::size_t>(n.output_count(), 1, 4),
                                     TensorType(DType::unknown, Shape::unknown_rank()));
  const Outputs made =
      g.add("onnx.attention", {q, k, v, widened(g, n.input(3)), widened(g, n.input(4)), widened(g, n.input(5)), n.input(6)},
            std::move(a), open);
  std::vector<Value> outputs;
  for (const Value& y : made) outputs.push_back(narrowed(g, flat && outputs.empty() ? from_heads(g, y) : y, dtype));
  return Outputs(std::move(outputs));
}

/// x, cosines, sines, positions: pairs of a head's first elements are turned.
Result<Outputs> lower_rotary_embedding(const SourceNode& n, GraphBuilder& g) {
  const bool runtime = n.domain() == "com.microsoft";  // input, position_ids, cos, sin
  const Value x = widened(g, n.input(0));
  Value cosines = widened(g, n.input(runtime ? 2 : 1)), sines = widened(g, n.input(runtime ? 3 : 2));
  const Value positions = n.input(runtime ? 1 : 3);
  const auto rank = rank_of(x);
  if (!x || !cosines || !sines) return lacks(n);
  const std::int64_t heads = n.integer("num_heads");
  if (!rank || (*rank != 4 && !(*rank == 3 && heads > 0)))
    return refuse(n, Cause::shape_mismatch, "RotaryEmbedding takes rank 4, or rank 3 with num_heads");
  const Value turned =
      *rank == 4 ? transpose(g, x, {0, 2, 1, 3}) : reshape(g, x, {0, 0, heads, -1});  // [batch, steps, heads, size]
  const std::int64_t size = turned.type().shape.ranked() ? turned.type().shape[3] : -1;
  std::int64_t part = n.integer("rotary_embedding_dim");
  if (part == 0) part = size;
  if (size < 1 || part < 2 || part > size || part % 2 != 0)
    return refuse(n, Cause::shape_mismatch, "RotaryEmbedding needs heads of a known, even size");
  if (runtime && rank_of(positions) != std::size_t{2})
    return refuse(n, Cause::shape_mismatch, "positions of RotaryEmbedding are [batch, steps]");
  const auto taken = [&](Value table) {
    if (positions) table = g.add("gather", {table, positions}, {{"axis", std::int64_t{0}}});
    return unsqueezed(g, table, {2});
  };
  cosines = taken(cosines);
  sines = taken(sines);
  Value rotated = turned, rest;
  if (part < size) {
    const auto both = split(g, turned, {part, size - part}, 3);
    if (both.size() != 2) return Outputs{};
    rotated = both[0];
    rest = both[1];
  }
  const bool interleaved = n.integer("interleaved") != 0;
  Value a, b;
  if (interleaved) {
    const auto pair = split(g, reshape(g, rotated, {0, 0, 0, part / 2, 2}), {1, 1}, 4);
    if (pair.size() != 2) return Outputs{};
    a = g.add("squeeze", {pair[0]}, {{"axes", std::vector<std::int64_t>{4}}});
    b = g.add("squeeze", {pair[1]}, {{"axes", std::vector<std::int64_t>{4}}});
  } else {
    const auto halves = split(g, rotated, {part / 2, part / 2}, 3);
    if (halves.size() != 2) return Outputs{};
    a = halves[0];
    b = halves[1];
  }
  const Value real = g.add("sub", {mul(g, cosines, a), mul(g, sines, b)}, open_range),
              imaginary = add(g, mul(g, sines, a), mul(g, cosines, b));
  Value y = interleaved ? reshape(g, concatenated(g, unsqueezed(g, real, {4}), unsqueezed(g, imaginary, {4}), 4), {0, 0, 0, part})
                        : concatenated(g, real, imaginary, 3);
  if (rest) y = concatenated(g, y, rest, 3);
  y = *rank == 4 ? transpose(g, y, {0, 2, 1, 3}) : reshape(g, y, {0, 0, -1});
  return narrowed(g, y, n.input(0).type().dtype());
}

/// query, key, value, state, decay, beta.
Result<Outputs> lower_linear_attention(const SourceNode& n, GraphBuilder& g) {
  if (!given(n, 0) || !given(n, 1) || !given(n, 2)) return lacks(n);
  std::vector<Value> operands;
  for (std::size_t i = 0; i < 6; ++i) operands.push_back(widened(g, n.input(i)));
  const DType dtype = n.input(0).type().dtype(), state = given(n, 3) ? n.input(3).type().dtype() : dtype;
  const Outputs made = g.add("onnx.linear_attention", std::move(operands),
                             {{"q_heads", n.integer("q_num_heads")},
                              {"kv_heads", n.integer("kv_num_heads")},
                              {"scale", n.number("scale")},
                              {"update_rule", n.text("update_rule", "gated_delta")}},
                             std::vector<TensorType>(2, TensorType(DType::unknown, Shape::unknown_rank())));
  if (made.size() != 2) return Outputs{};
  return Outputs{narrowed(g, made[0], dtype), narrowed(g, made[1], state)};
}

/// input, weights, bias, state.
Result<Outputs> lower_causal_conv(const SourceNode& n, GraphBuilder& g) {
  if (!given(n, 0) || !given(n, 1)) return lacks(n);
  const std::string activation = n.text("activation", "none");
  if (activation != "none" && activation != "silu" && activation != "swish")
    return refuse(n, Cause::invalid_attribute,
                  "the activation '" + activation + "' of '" + std::string(n.op()) + "' is not known");
  std::vector<Value> operands;
  for (std::size_t i = 0; i < 4; ++i) operands.push_back(widened(g, n.input(i)));
  const DType dtype = n.input(0).type().dtype();
  const Outputs made = g.add("onnx.causal_conv", std::move(operands), {},
                             std::vector<TensorType>(2, TensorType(DType::unknown, Shape::unknown_rank())));
  if (made.size() != 2) return Outputs{};
  const Value y = activation == "none" ? made[0] : mul(g, made[0], g.add("logistic", {made[0]}));
  return Outputs{narrowed(g, y, dtype), narrowed(g, made[1], dtype)};
}

}  // namespace qgraph::formats::onnx
