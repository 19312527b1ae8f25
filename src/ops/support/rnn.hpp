// What the basic recurrent ops share: products of one row of activations with a weight matrix, float or hybrid.
#pragma once

#include "ops/op_def.hpp"
#include "ops/support/activation.hpp"
#include "ops/support/dot_rows.hpp"
#include "ops/support/hybrid_quantize.hpp"

namespace qgraph {

/// out[r] += weights[r, :] * x. Quantized weights: x is quantized on the fly into `stored`, as TensorFlow Lite's hybrid kernels
/// do.
inline void multiply_accumulate(const View& weights, const float* x, bool asymmetric, std::int8_t* stored, float* out,
                                DotRowsFn dot = dot_rows) noexcept {
  const std::int64_t rows = weights.dim(0), columns = weights.dim(1);
  if (!weights.type->quantized()) {
    const float* w = weights.as<float>();
    for (std::int64_t r = 0; r < rows; ++r, w += columns) {
      float sum = 0.0F;
      for (std::int64_t c = 0; c < columns; ++c) sum += w[c] * x[c];
      out[r] += sum;
    }
    return;
  }
  const HybridScale hybrid = quantize_hybrid(x, columns, asymmetric, stored);
  const float scale = hybrid.scale * weights.type->scale();
  each_dot(dot, weights.as<std::int8_t>(), stored, rows, columns,
           [&](std::int64_t r, std::int32_t sum, std::int32_t total) noexcept {
             out[r] += static_cast<float>(sum - total * hybrid.zero_point) * scale;
           });
}

inline float activate(float x, Activation activation) noexcept {
  if (activation == Activation::tanh) return std::tanh(x);
  if (activation == Activation::sign_bit) return std::signbit(x) ? 1.0F : 0.0F;
  const auto [low, high] = activation_range(activation);
  return x < low ? low : x > high ? high : x;
}

/// The weights of one direction of an RNN cell; auxiliary ones may be left out (type null).
struct RnnCell {
  View input, recurrent, bias, auxiliary;
  Activation activation = Activation::none;
  bool asymmetric = false;
  std::int8_t* stored = nullptr;  ///< room for the longest row

  /// hidden and out become activation(bias + input * x + auxiliary * y + recurrent * hidden).
  void step(const float* x, const float* y, float* hidden, float* out) const noexcept {
    const std::int64_t units = input.dim(0);
    std::copy_n(bias.as<float>(), units, out);
    multiply_accumulate(input, x, asymmetric, stored, out);
    if (auxiliary && y != nullptr) multiply_accumulate(auxiliary, y, asymmetric, stored, out);
    multiply_accumulate(recurrent, hidden, asymmetric, stored, out);
    for (std::int64_t u = 0; u < units; ++u) out[u] = activate(out[u], activation);
    std::copy_n(out, units, hidden);
  }
};

/// A sequence: [time, batch, size] or [batch, time, size].
struct Sequence {
  std::int64_t batch = 1, time = 1, size = 1;
  bool time_major = false;
  Sequence(const Shape& shape, bool major) noexcept
      : batch(shape[major ? 1 : 0]), time(shape[major ? 0 : 1]), size(shape[2]), time_major(major) {}
  std::int64_t row(std::int64_t b, std::int64_t t) const noexcept { return time_major ? t * batch + b : b * time + t; }
};

/// Runs a cell over a sequence; rows of the output are `leading` apart.
inline void run_sequence(const RnnCell& cell, const Sequence& s, const float* x, const float* y, std::int64_t y_size,
                         float* hidden, float* out, std::int64_t leading, bool backward) noexcept {
  const std::int64_t units = cell.input.dim(0);
  for (std::int64_t b = 0; b < s.batch; ++b)
    for (std::int64_t k = 0; k < s.time; ++k) {
      const std::int64_t row = s.row(b, backward ? s.time - 1 - k : k);
      cell.step(x + row * s.size, y == nullptr ? nullptr : y + row * y_size, hidden + b * units, out + row * leading);
    }
}

/// Weights [units, columns], recurrent [units, units], bias [units], hidden [batch, units], from operand `first` on; dims that
/// are not known yet fit.
inline bool rnn_shapes_fit(const InferContext& c, std::size_t first, std::int64_t batch, std::int64_t columns) {
  for (std::size_t i = first; i < first + 4; ++i)
    if (!c.has(i) || !c.shape(i).is_static()) return false;
  const Shape &w = c.shape(first), &r = c.shape(first + 1), &b = c.shape(first + 2), &h = c.shape(first + 3);
  if (w.rank() != 2 || r.rank() != 2 || b.rank() != 1 || h.rank() != 2) return false;
  const std::int64_t units = w[0];
  return (columns < 0 || w[1] == columns) && r[0] == units && r[1] == units && b[0] == units && h[1] == units &&
         (batch < 0 || h[0] == batch);
}
/// Float weights, or int8 ones with one scale, recurrent as input.
inline bool rnn_dtypes_fit(const InferContext& c, std::size_t first) {
  const TensorType &w = c.input(first), &r = c.input(first + 1);
  const bool hybrid = w.dtype() == DType::qint8 && w.quantization()->scales.size() == 1;
  return w.dtype() == r.dtype() && (w.dtype() == DType::float32 || hybrid) && c.input(first + 2).dtype() == DType::float32 &&
         c.input(first + 3).dtype() == DType::float32 && (!hybrid || r.quantization()->scales.size() == 1);
}

inline Result<std::shared_ptr<const void>> prepare_rnn(PrepareContext& c) {
  for (const View& v : c.inputs)
    if (v && v.rank() > 0) c.scratch_bytes = std::max(c.scratch_bytes, static_cast<std::size_t>(v.dim(v.rank() - 1)));
  return std::shared_ptr<const void>();
}

}  // namespace qgraph
