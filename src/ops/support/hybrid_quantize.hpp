// On-the-fly quantization of float activations, as TFLite's hybrid (dynamic range) kernels do it: the order and width of every
// float operation is that of its portable_tensor_utils.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace qgraph {

/// real = scale * (stored - zero_point)
struct HybridScale {
  float scale = 1.0F;
  std::int32_t zero_point = 0;
};

namespace detail {
/// Rounds half away from zero and clamps; not a number becomes `low`.
inline std::int8_t rounded_int8(float x, float low, float high) noexcept {
  const float r = std::round(x);
  return static_cast<std::int8_t>(r >= low ? std::min(r, high) : low);
}
}  // namespace detail

/// To [-127, 127], zero point 0.
inline HybridScale quantize_symmetric(const float* values, std::int64_t n, std::int8_t* stored) noexcept {
  if (n <= 0) return {};
  const auto [low, high] = std::minmax_element(values, values + n);
  const float range = std::max(std::abs(*low), std::abs(*high));
  if (range == 0.0F) {
    std::memset(stored, 0, static_cast<std::size_t>(n));
    return {};
  }
  const float inverse = 127.0F / range;
  for (std::int64_t i = 0; i < n; ++i) stored[i] = detail::rounded_int8(values[i] * inverse, -127.0F, 127.0F);
  return {range / 127.0F, 0};
}

/// To [-128, 127]; the zero point is computed in double from the nearer end of the range.
inline HybridScale quantize_asymmetric(const float* values, std::int64_t n, std::int8_t* stored) noexcept {
  if (n <= 0) return {};
  const auto [lowest, highest] = std::minmax_element(values, values + n);
  const double low = std::min(0.0F, *lowest), high = std::max(0.0F, *highest);
  if (low == high) {
    std::memset(stored, 0, static_cast<std::size_t>(n));
    return {};
  }
  const double scale = (high - low) / 255.0;
  const double from_low = -128.0 - low / scale, from_high = 127.0 - high / scale;
  const double zero = 128.0 + std::abs(low / scale) < 127.0 + std::abs(high / scale) ? from_low : from_high;
  HybridScale result{static_cast<float>(scale), -128};
  if (zero >= 127.0) result.zero_point = 127;
  else if (zero > -128.0) result.zero_point = static_cast<std::int32_t>(std::round(zero));
  const float inverse = 1.0F / result.scale;
  const auto offset = static_cast<float>(result.zero_point);
  for (std::int64_t i = 0; i < n; ++i) stored[i] = detail::rounded_int8(offset + values[i] * inverse, -128.0F, 127.0F);
  return result;
}

inline HybridScale quantize_hybrid(const float* values, std::int64_t n, bool asymmetric, std::int8_t* stored) noexcept {
  return asymmetric ? quantize_asymmetric(values, n, stored) : quantize_symmetric(values, n, stored);
}

}  // namespace qgraph
