// What becomes of integer accumulators: bias, then requantization, hybrid float scaling, or nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "ops/kernel.hpp"
#include "ops/requantize.hpp"
#include "ops/support/activation.hpp"
#include "ops/support/hybrid_quantize.hpp"

namespace qgraph {

/// The last part of every kernel that sums products of integers. Made in prepare, applied to a row of accumulators (one per
/// output channel).
struct AccumulatorOutput {
  enum class Kind : std::uint8_t {
    quantized,  ///< to the output's stored integers
    hybrid,     ///< to float: accumulator * weight scale * scale of the quantized activations
    raw,        ///< int32 sums as they are
  };
  Kind kind = Kind::raw;
  Rounding rounding = Rounding::double_rounding;
  bool narrow = true;          ///< rule 1 on 32 bits, even where the accumulator is wider
  bool scale_in_turn = false;  ///< hybrid: (sum * weight scale) * activation scale, not sum * (weight scale * activation scale)
  std::int64_t channels = 1;
  std::vector<Multiplier> fixed{};  ///< one, or one per channel
  std::vector<double> factors{};
  std::vector<float> weight_scales{};
  std::vector<float> added{};  ///< nearest_even: one per channel, in steps; in place of a bias of integers
  std::int64_t zero_point = 0, low = 0, high = 0;
  DType storage = DType::int8;
  Activation activation = Activation::none;
  float float_low = 0, float_high = 0;

  /// int32s (raw, quantized) that write() wants as scratch.
  std::size_t scratch_bytes() const noexcept { return static_cast<std::size_t>(channels) * sizeof(std::int32_t); }
  /// Channels' outputs to elements first, first + stride, ... of `output`. `bias`: integers, or floats where hybrid; may be
  /// absent.
  template <class Acc>
  void write(const Acc* sums, const View& bias, HybridScale activations, const View& output, std::int64_t first,
             std::int64_t stride, std::int32_t* scratch) const noexcept;
};

/// What a kernel wants of its output stage.
struct OutputWishes {
  Rounding rounding = Rounding::double_rounding;
  Activation activation = Activation::none;
  /// TFLite multiplies the scales of uint8 operands, and of batch_matmul's, as floats.
  bool float_product = false;
  bool narrow = true;
  bool scale_in_turn = false;
  std::int64_t channels = 1;
};
/// From the types of operands; fails where scales are missing, not positive, or of the wrong number.
Result<AccumulatorOutput> accumulator_output(const TensorType& input, const TensorType& weights, const TensorType& output,
                                             const OutputWishes& wishes);

/// Float bias beside quantized operands, which is added before a result is rounded (nearest_even). False: it is no such bias, or
/// cannot be.
bool take_float_bias(const View& bias, const TensorType& output, AccumulatorOutput& stage);

/// min(max(x, low), high), or tanh, or the sign bit.
float activate(Activation a, float x, float low, float high) noexcept;

}  // namespace qgraph
