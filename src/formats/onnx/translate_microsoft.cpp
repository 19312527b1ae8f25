// ONNX Runtime's other ops (com.microsoft): weights of few bits, and ops fused of several.
#include <algorithm>
#include <cmath>

#include "formats/onnx/translate.hpp"
#include "formats/onnx/translate_conv.hpp"
#include "formats/onnx/translate_matmul.hpp"
#include "formats/onnx/translate_support.hpp"
#include "ops/support/unpack_sub_byte.hpp"

namespace qgraph::formats::onnx {
namespace {

const Attributes open_range{{"finite", std::int64_t{0}}};

Report lacks(const SourceNode& n) {
  return refuse(n, Cause::dangling_reference, "'" + std::string(n.op()) + "' lacks an operand");
}

Value add(GraphBuilder& g, Value a, Value b) { return g.add("add", {a, b}, open_range); }

/// Codes of `width` bits, packed low bits first in rows of `row_bytes`, the first `columns` of each row.
std::vector<std::uint8_t> unpacked(std::span<const std::byte> bytes, std::int64_t rows, std::int64_t row_bytes,
                                   std::int64_t columns, int width) {
  std::vector<std::uint8_t> out;
  out.reserve(static_cast<std::size_t>(rows * columns));
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < columns; ++c)
      out.push_back(static_cast<std::uint8_t>(
          width == 8 ? std::to_integer<int>(bytes[static_cast<std::size_t>(r * row_bytes + c)])
                     : sub_byte_at(bytes.subspan(static_cast<std::size_t>(r * row_bytes)).data(), width, false, c)));
  return out;
}

Value packed_constant(GraphBuilder& g, DType dtype, Shape shape, const std::vector<std::uint8_t>& codes) {
  const int width = bits(dtype), per_byte = 8 / width;
  std::vector<std::byte> bytes(byte_size(dtype, static_cast<std::int64_t>(codes.size())).value_or(0));
  for (std::size_t i = 0; i < codes.size(); ++i)
    bytes[i / static_cast<std::size_t>(per_byte)] |=
        static_cast<std::byte>(codes[i] << (width * static_cast<int>(i % static_cast<std::size_t>(per_byte))));
  return g.constant(TensorType(dtype, std::move(shape)), Buffer::own(std::move(bytes)));
}

/// Weights [rows, k] as reals, of which every column has its block by number.
Value grouped_reals(GraphBuilder& g, const std::vector<std::uint8_t>& codes, std::int64_t k,
                    const std::vector<std::int64_t>& group, const std::vector<double>& scales, const std::vector<double>& zeros) {
  const auto columns = static_cast<std::size_t>(k), rows = codes.size() / columns,
             blocks = scales.size() / std::max<std::size_t>(rows, 1);
  std::vector<float> reals(codes.size());
  for (std::size_t i = 0; i < reals.size(); ++i) {
    const std::size_t block = i / columns * blocks + static_cast<std::size_t>(group[i % columns]);
    reals[i] = (static_cast<float>(codes[i]) - static_cast<float>(zeros[block])) * static_cast<float>(scales[block]);
  }
  return g.constant<float>(DType::float32, Shape{static_cast<std::int64_t>(rows), k}, reals);
}

}  // namespace

/// A [..., K] times B [N, K], whose rows are stored as blocks of block_size codes: [N, blocks, bytes of a block].
Result<Outputs> lower_matmul_nbits(const SourceNode& n, GraphBuilder& g) {
  const Value a = n.input(0), b = n.input(1), scales = n.input(2), zero = n.input(3), groups = n.input(4), bias = n.input(5);
  const std::int64_t k = n.integer("K"), columns = n.integer("N"), width = n.integer("bits", 4), block = n.integer("block_size");
  if (!a || !b || !scales) return lacks(n);
  if (width != 2 && width != 4 && width != 8)
    return refuse(n, Cause::unsupported_dtype, "MatMulNBits of " + std::to_string(width) + " bits is not supported");
  if (k < 1 || columns < 1 || block < 1 || block > (std::int64_t{1} << 31) || k > (std::int64_t{1} << 31) ||
      columns > (std::int64_t{1} << 31))
    return refuse(n, Cause::missing_attribute, "MatMulNBits needs K, N and block_size");
  const Buffer* data = b.constant();
  const auto values = numbers(scales);
  if (!data || !values || (zero && !zero.constant()))
    return refuse(n, Cause::missing_quantization, "weights, scales and zero points of MatMulNBits must be constants");
  const std::int64_t blocks = (k + block - 1) / block, block_bytes = (block * width + 7) / 8, row = blocks * block_bytes;
  if (static_cast<std::int64_t>(data->bytes.size()) != columns * row)
    return refuse(n, Cause::data_size_mismatch,
                  "weights of MatMulNBits have " + std::to_string(data->bytes.size()) + " bytes, K, N and block_size want " +
                      std::to_string(columns * row));
  if (static_cast<std::int64_t>(values->size()) != columns * blocks)
    return refuse(
        n, Cause::inconsistent_quantization,
        "MatMulNBits has " + std::to_string(values->size()) + " scales for " + std::to_string(columns * blocks) + " blocks");
  const DType storage = width == 2 ? DType::uint2 : width == 4 ? DType::uint4 : DType::uint8;
  Quantization q{.axis = 1, .block_size = block};
  for (double s : *values) q.scales.push_back(static_cast<float>(s));
  const auto count = static_cast<std::size_t>(columns * blocks);
  if (!zero) q.zero_points.assign(count, std::int64_t{1} << (width - 1));
  const bool float_zeros = zero && is_float(zero.type().dtype());
  if (zero && !float_zeros) {
    const std::int64_t zero_row = (blocks * width + 7) / 8;
    const std::span<const std::byte> bytes = zero.constant()->bytes;
    if (static_cast<std::int64_t>(bytes.size()) != columns * zero_row)
      return refuse(n, Cause::inconsistent_quantization,
                    "zero points of MatMulNBits have " + std::to_string(bytes.size()) + " bytes, not " +
                        std::to_string(columns * zero_row));
    for (std::uint8_t z : unpacked(bytes, columns, zero_row, blocks, static_cast<int>(width))) q.zero_points.push_back(z);
  }
  const DType dtype = a.type().dtype();
  const auto product = [&](const Value& x, const Value& w) {
    Value y = multiply(g, x, w, {.transpose_y = true});
    if (bias) y = add(g, y, widened(g, bias));
    return narrowed(g, y, dtype);
  };
  if (groups) {
    const auto group = integers(groups);
    const auto zeros =
        float_zeros ? numbers(zero) : std::optional(std::vector<double>(q.zero_points.begin(), q.zero_points.end()));
    if (!group || static_cast<std::int64_t>(group->size()) < k || !zeros || zeros->size() != count)
      return refuse(n, Cause::missing_quantization,
                    "g_idx of MatMulNBits must be a constant of K numbers, beside zero points for each block");
    if (std::ranges::any_of(*group, [&](std::int64_t i) { return i < 0 || i >= blocks; }))
      return refuse(n, Cause::data_out_of_range, "g_idx of MatMulNBits names a block that is not there");
    return Outputs(product(widened(g, a), grouped_reals(g, unpacked(data->bytes, columns, row, k, static_cast<int>(width)), k,
                                                        *group, *values, *zeros)));
  }
  // Blocks that fill their rows lie as a matrix does already.
  Value weights;
  if (k == blocks * block)
    weights = g.constant(TensorType(storage, Shape{columns, k}), *data);
  else
    weights = packed_constant(g, storage, Shape{columns, k}, unpacked(data->bytes, columns, row, k, static_cast<int>(width)));
  if (float_zeros) {
    const auto zeros = numbers(zero);
    if (zeros->size() != count)
      return refuse(n, Cause::inconsistent_quantization,
                    "MatMulNBits has " + std::to_string(zeros->size()) + " zero points for " + std::to_string(count) + " blocks");
    const Value reals = g.add("dequantize",
                              {weights, reshape(g, cast(g, scales, DType::float32), {columns, blocks}),
                               reshape(g, cast(g, zero, DType::float32), {columns, blocks})},
                              {{"axis", std::int64_t{1}}, {"block_size", block}});
    return Outputs(product(widened(g, a), reals));
  }
  weights = g.quantized(weights, std::move(q));
  if (storage == DType::uint2) weights = g.add("dequantize", {weights});
  // At accuracy level 4 ONNX Runtime rounds the activations to 8 bits too, where it has kernels for the width and the block.
  const bool known = width == 2 ? block >= 32 && block <= 128 : block >= 16 && block <= 256;
  const bool rounds = n.integer("accuracy_level") == 4 && known && (block & (block - 1)) == 0;
  const Value x = widened(g, a);
  return Outputs(product(rounds ? Value(g.add("microsoft.round_blocks", {x}, {{"block_size", block}})) : x, weights));
}

/// Rows of a table whose codes are dequantized as they are taken. Operands data, indices, scales, zero points.
Result<Outputs> lower_gather_block_quantized(const SourceNode& n, GraphBuilder& g) {
  const Value data = n.input(0), indices = n.input(1), scales = n.input(2), zero = n.input(3);
  if (!data || !indices || !scales) return lacks(n);
  const auto rank = rank_of(data);
  if (!rank || *rank == 0) return refuse(n, Cause::shape_mismatch, "GatherBlockQuantized needs data of known rank");
  const std::int64_t width = n.integer("bits", 4), block = n.integer("block_size", 128), gather_axis = n.integer("gather_axis");
  std::int64_t axis = n.integer("quantize_axis", 1);
  if (axis < 0) axis += static_cast<std::int64_t>(*rank);
  Value codes = data, zeros = zero;
  DType storage = data.type().storage();
  // Codes without a zero point of their own stand around the middle of their range where they lie in bytes, else around 0.
  const bool centred = storage == DType::uint8;
  if (storage == DType::uint8 && (width == 4 || width == 2)) {  // several codes a byte, along the last axis
    const DType packed = width == 4 ? DType::uint4 : DType::uint2;
    const auto as_codes = [&](Value v) {
      std::vector<std::int64_t> dims(v.type().shape.begin(), v.type().shape.end());
      dims.back() *= 8 / width;
      return g.constant(TensorType(packed, Shape(std::move(dims))), *v.constant());
    };
    if (!data.constant() || (zero && !zero.constant()))
      return refuse(n, Cause::missing_quantization, "packed data of GatherBlockQuantized must be constants");
    codes = as_codes(data);
    storage = packed;
    if (zero && rank_of(zero) == rank && scales.type().shape.rank() == *rank) {
      zeros = as_codes(zero);
      const std::int64_t padded = zeros.type().shape[*rank - 1], wanted = scales.type().shape[*rank - 1];
      if (padded != wanted) {  // blocks need not fill the last byte
        const std::int64_t rows = zeros.type().shape.elements().value_or(0) / std::max<std::int64_t>(padded, 1);
        if (wanted < 0 || wanted > padded)
          return refuse(n, Cause::inconsistent_quantization, "GatherBlockQuantized has fewer zero points than scales");
        zeros = packed_constant(g, packed, scales.type().shape,
                                unpacked(zero.constant()->bytes, rows, padded * width / 8, wanted, static_cast<int>(width)));
      }
    }
  }
  if (!zero && centred && scales.type().shape.is_static()) {
    const auto count = static_cast<std::size_t>(scales.type().shape.elements().value_or(0));
    zeros = packed_constant(g, storage, scales.type().shape,
                            std::vector<std::uint8_t>(count, static_cast<std::uint8_t>(1U << (bits(storage) - 1))));
  }
  const DType to = scales.type().dtype();
  Value table;
  if (const auto q = parameters(codes, scales, zeros, axis, block))
    table = g.add("dequantize", {quantized_as(g, codes, *q)});
  else
    table = g.add("dequantize", {stored(g, codes), scales, zeros}, {{"axis", axis}, {"block_size", block}});
  return narrowed(g, g.add("gather", {table, indices}, {{"axis", gather_axis}, {"negative_indices", std::int64_t{1}}}), to);
}

/// x + skip (+ bias), normalized. Outputs: the result, mean, inverse deviation, the sum.
Result<Outputs> lower_skip_layer_normalization(const SourceNode& n, GraphBuilder& g) {
  if (!given(n, 0) || !given(n, 1) || !given(n, 2)) return lacks(n);
  const bool simplified = n.op() == "SkipSimplifiedLayerNormalization";
  const DType dtype = n.input(0).type().dtype();
  Value sum = add(g, widened(g, n.input(0)), widened(g, n.input(1)));
  const Value bias = widened(g, n.input(simplified ? 3 : 4));
  if (bias) sum = add(g, sum, bias);
  const Outputs y =
      g.add("layer_normalization", {sum, widened(g, n.input(2)), simplified ? Value{} : widened(g, n.input(3))},
            {{"axis", std::int64_t{-1}}, {"epsilon", n.number("epsilon", 1e-12)}, {"subtract_mean", std::int64_t{!simplified}}});
  if (y.size() < 3) return y;
  return Outputs{narrowed(g, y[0], dtype), y[1], y[2], narrowed(g, sum, dtype)};
}

/// Word, position and segment embeddings summed and normalized; their tables may be quantized (QEmbedLayerNormalization).
Result<Outputs> lower_embed_layer_normalization(const SourceNode& n, GraphBuilder& g) {
  const bool quantized = n.op() == "QEmbedLayerNormalization";
  const Value ids = n.input(0), segments = n.input(1);
  if (!ids || !given(n, 2) || !given(n, 3)) return lacks(n);
  const auto table = [&](std::size_t i, std::size_t scale) {
    const Value v = n.input(i);
    if (!quantized || !v) return widened(g, v);
    return Value(g.add("dequantize", {stored(g, v), n.input(scale), n.input(scale + 5)}));
  };
  // Scales stand in the order word, position, segment, gamma, beta, then their zero points.
  const Value words = table(2, 8), positions = table(3, 9), kinds = table(4, 10), gamma = table(5, 11), beta = table(6, 12);
  const auto rows = [&](Value from, Value at) {
    return Value(g.add("gather", {from, at}, {{"axis", std::int64_t{0}}, {"negative_indices", std::int64_t{1}}}));
  };
  Value sum = rows(words, ids);
  const Value position_ids = quantized ? Value{} : n.input(8);
  if (position_ids) {
    sum = add(g, sum, rows(positions, position_ids));
  } else {
    const Shape& s = ids.type().shape;
    if (!s.ranked() || s.rank() != 2 || s[1] < 0)
      return refuse(n, Cause::shape_mismatch, "'" + std::string(n.op()) + "' needs ids of a known length");
    std::vector<double> counted(static_cast<std::size_t>(s[1]));
    for (std::size_t i = 0; i < counted.size(); ++i) counted[i] = static_cast<double>(i);
    sum = add(g, sum, rows(positions, constant(g, DType::int32, counted)));
  }
  if (segments && kinds) sum = add(g, sum, rows(kinds, segments));
  const Outputs y =
      g.add("layer_normalization", {sum, gamma, beta}, {{"axis", std::int64_t{-1}}, {"epsilon", n.number("epsilon", 1e-12)}});
  // The index of the first masked element; without a mask it is 0.
  Value mask_index;
  const Value mask = n.input(7);
  if (mask)
    mask_index = g.add("sum", {cast(g, mask, DType::int32), constant(g, std::vector<std::int64_t>{1})});
  else
    mask_index = g.add("sum", {g.add("zeros_like", {cast(g, ids, DType::int32)}), constant(g, std::vector<std::int64_t>{1})});
  return Outputs{narrowed(g, y, quantized ? DType::float32 : n.input(2).type().dtype()), mask_index, sum};
}

namespace {

/// What FusedConv and FusedGemm apply to their result.
Result<Outputs> activated(const SourceNode& n, GraphBuilder& g, Value y) {
  const std::string word = n.text("activation");
  const std::vector<float> p = n.floats("activation_params");
  const auto parameter = [&](std::size_t i, std::string_view key, double fallback) {
    return i < p.size() ? static_cast<double>(p[i]) : n.number(key, fallback);
  };
  if (word.empty() || !y) return Outputs(y);
  if (word == "Relu") return g.add("relu", {y});
  if (word == "Tanh") return g.add("tanh", {y}, {{"polynomial", std::int64_t{1}}});
  if (word == "Sigmoid") return g.add("logistic", {y}, {{"polynomial", std::int64_t{1}}});
  if (word == "LeakyRelu") return g.add("leaky_relu", {y}, {{"alpha", parameter(0, "activation_alpha", 0.01)}});
  if (word == "Elu") return g.add("elu", {y}, {{"alpha", parameter(0, "activation_alpha", 1.0)}});
  if (word == "HardSigmoid")
    return g.add("hard_sigmoid", {y},
                 {{"alpha", parameter(0, "activation_alpha", 0.2)}, {"beta", parameter(1, "activation_beta", 0.5)}});
  if (word == "Clip") {
    const Value low = constant(g, DType::float32, parameter(0, "activation_min", -3.4028234663852886e38));
    const Value high = constant(g, DType::float32, parameter(1, "activation_max", 3.4028234663852886e38));
    return g.add("minimum", {g.add("maximum", {y, low}), high});
  }
  return refuse(n, Cause::invalid_attribute, "the activation '" + word + "' is unknown here");
}

}  // namespace

/// x, weights, bias, and what is added before the activation.
Result<Outputs> lower_fused_conv(const SourceNode& n, GraphBuilder& g) {
  auto y = convolve(n, g, {.input = n.input(0), .weights = weights_of(g, n.input(1)), .rest = {n.input(2)}, .activation = false});
  if (!y) return y;
  Value sum = *y;
  if (given(n, 3)) sum = add(g, sum, n.input(3));
  return activated(n, g, sum);
}

Result<Outputs> lower_fused_gemm(const SourceNode& n, GraphBuilder& g) {
  if (!given(n, 0) || !given(n, 1)) return lacks(n);
  auto y = gemm(n, g, n.input(0), n.input(1), n.input(2));
  if (!y) return y;
  return activated(n, g, *y);
}

/// alpha * A * B, of which each may be transposed, also with its first axis brought behind the rows (transBatch).
Result<Outputs> lower_fused_matmul(const SourceNode& n, GraphBuilder& g) {
  Value a = n.input(0), b = n.input(1);
  if (!a || !b) return lacks(n);
  const auto batch_inside = [&](Value v, std::string_view key) -> Value {
    const auto rank = rank_of(v);
    if (n.integer(key) == 0 || !rank || *rank < 3) return v;
    std::vector<std::int64_t> perm;
    for (std::size_t i = 1; i + 1 < *rank; ++i) perm.push_back(static_cast<std::int64_t>(i));
    perm.push_back(0);
    perm.push_back(static_cast<std::int64_t>(*rank) - 1);
    return transpose(g, v, std::move(perm));
  };
  a = batch_inside(a, "transBatchA");
  b = batch_inside(b, "transBatchB");
  const double alpha = n.number("alpha", 1.0);
  const bool row = rank_of(a) == std::size_t{1}, column = rank_of(b) == std::size_t{1};
  Value y = multiply(g, widened(g, a), weights_of(g, widened(g, b)),
                     {.transpose_x = !row && n.integer("transA") != 0, .transpose_y = !column && n.integer("transB") != 0});
  if (alpha != 1.0) y = g.add("mul", {y, constant(g, DType::float32, alpha)}, open_range);
  return narrowed(g, y, n.input(0).type().dtype());
}

}  // namespace qgraph::formats::onnx
