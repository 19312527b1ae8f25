// The requantization rules (KERNELS: "three rules, not two"). Definitions: gemmlowp's fixedpoint.h and TensorFlow Lite's
// kernels/internal/common.h and quantization_util.cc; ONNX's QLinearConv.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace qgraph {

/// How an accumulator becomes a stored integer.
enum class Rounding : std::uint8_t {
  double_rounding,  ///< fixed point, TFLite's reference kernels: high multiply half up, shift half away from zero
  double_product,   ///< round_half_away(double(acc) * multiplier): TFLite's FULLY_CONNECTED
  nearest_even,     ///< float product, half to even: ONNX
};
constexpr std::string_view rounding_words[] = {"double_rounding", "double_product", "nearest_even"};
constexpr std::span<const std::string_view> enum_words(Rounding) { return rounding_words; }

/// A real multiplier as value * 2^(shift - 31); value in [2^30, 2^31), or 0.
struct Multiplier {
  std::int32_t value = 0;
  int shift = 0;  ///< positive: left
};

inline Multiplier quantize_multiplier(double real) noexcept {
  if (!(real != 0.0) || !std::isfinite(real)) return {};
  int shift = 0;
  const double fraction = std::frexp(real, &shift);
  auto fixed = static_cast<std::int64_t>(std::round(fraction * 2147483648.0));
  if (fixed == std::int64_t{1} << 31) {
    fixed /= 2;
    ++shift;
  }
  if (shift < -31) return {};
  return {static_cast<std::int32_t>(fixed), std::min(shift, 30)};
}

/// (a * b + 2^30) / 2^31, ties up; saturates the one overflow.
constexpr std::int32_t high_multiply(std::int32_t a, std::int32_t b) noexcept {
  constexpr std::int32_t lowest = std::numeric_limits<std::int32_t>::min();
  if (a == lowest && b == lowest) return std::numeric_limits<std::int32_t>::max();
  return static_cast<std::int32_t>((std::int64_t{a} * b + (std::int64_t{1} << 30)) >> 31);
}

/// x / 2^exponent, ties away from zero. exponent in [0, 31].
constexpr std::int32_t rounding_shift_right(std::int32_t x, int exponent) noexcept {
  const auto mask = static_cast<std::int32_t>((std::int64_t{1} << exponent) - 1);
  const std::int32_t remainder = x & mask;
  const std::int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

/// Rule 1. The left shift wraps as the reference does on two's complement machines.
constexpr std::int32_t multiply(std::int32_t x, Multiplier m) noexcept {
  const int left = m.shift > 0 ? m.shift : 0;
  const int right = m.shift > 0 ? 0 : -m.shift;
  const auto shifted = static_cast<std::int32_t>(static_cast<std::uint32_t>(x) << left);
  return rounding_shift_right(high_multiply(shifted, m.value), right);
}

/// For int64 accumulators (16-bit activations): a 16-bit multiplier and one rounding, ties up.
constexpr std::int32_t multiply(std::int64_t x, Multiplier m) noexcept {
  const std::int64_t reduced = m.value < 0x7FFF0000 ? (std::int64_t{m.value} + (1 << 15)) >> 16 : 0x7FFF;
  const int total = 15 - m.shift;
  // Products wrap as on two's complement machines; multipliers from 2^15 on, of which no model has any, shift left.
  const std::uint64_t product = static_cast<std::uint64_t>(x) * static_cast<std::uint64_t>(reduced);
  if (total < 1) return static_cast<std::int32_t>(static_cast<std::uint32_t>(product << -total));
  return static_cast<std::int32_t>(static_cast<std::int64_t>(product + (std::uint64_t{1} << (total - 1))) >> total);
}

/// Half away from zero, as std::round; saturated to [low, high].
inline std::int32_t round_half_away(double x, std::int32_t low, std::int32_t high) noexcept {
  const double r = std::round(x);
  return r <= low ? low : r >= high ? high : static_cast<std::int32_t>(r);
}

template <class T>
constexpr std::int32_t lowest() noexcept {
  return std::numeric_limits<T>::min();
}
template <class T>
constexpr std::int32_t highest() noexcept {
  return std::numeric_limits<T>::max();
}

}  // namespace qgraph
