// On-the-fly quantization of float activations, as TFLite's hybrid (dynamic range) kernels do it. The order and width of every
// float operation is that of its vectorised tensor_utils, which released builds use on every processor, also beside reference
// kernels.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace qgraph {

/// real = scale * (stored - zero_point)
struct HybridScale {
  float scale = 1.0F;
  std::int32_t zero_point = 0;
};

namespace detail {
/// Eight at a time truncate x +- 0.5, the rest round half away from zero: they differ for the float below 0.5 alone.
inline float rounded(float x, bool vector) noexcept { return vector ? std::trunc(x + (x < 0.0F ? -0.5F : 0.5F)) : std::round(x); }
/// Clamps; not a number becomes `low`.
inline std::int8_t clamped_int8(float x, float low, float high) noexcept {
  return static_cast<std::int8_t>(x >= low ? std::min(x, high) : low);
}
}  // namespace detail

/// How values of a range are stored: offset + rounded(x * inverse), clamped to [low, 127].
struct HybridStep {
  HybridScale scale{};
  float inverse = 0.0F, low = 0.0F;  ///< as they are here, everything becomes 0
};

/// To [-127, 127], zero point 0.
inline HybridStep symmetric_step(float lowest, float highest) noexcept {
  const float range = std::max(std::abs(lowest), std::abs(highest));
  if (range == 0.0F) return {};
  return {{range / 127.0F, 0}, 127.0F / range, -127.0F};
}

/// To [-128, 127]; the zero point is computed in double from the nearer end of the range.
inline HybridStep asymmetric_step(float lowest, float highest) noexcept {
  const float low = std::min(0.0F, lowest), high = std::max(0.0F, highest);
  if (low == high) return {};
  const double scale = static_cast<double>(high - low) / 255.0, below = static_cast<double>(low) / scale,
               above = static_cast<double>(high) / scale;
  const double zero = 128.0 + std::abs(below) < 127.0 + std::abs(above) ? -128.0 - below : 127.0 - above;
  HybridStep step{{static_cast<float>(scale), -128}, 1.0F / static_cast<float>(scale), -128.0F};
  if (zero >= 127.0)
    step.scale.zero_point = 127;
  else if (zero > -128.0)
    step.scale.zero_point = static_cast<std::int32_t>(std::round(zero));
  return step;
}

inline HybridScale quantize_by(const HybridStep& step, const float* values, std::int64_t n, std::int8_t* stored) noexcept {
  const auto offset = static_cast<float>(step.scale.zero_point);
  const std::int64_t vectors = n / 8 * 8;
  for (std::int64_t i = 0; i < n; ++i)
    stored[i] = detail::clamped_int8(offset + detail::rounded(values[i] * step.inverse, i < vectors), step.low, 127.0F);
  return step.scale;
}
inline HybridScale quantize_symmetric(const float* values, std::int64_t n, std::int8_t* stored) noexcept {
  if (n <= 0) return {};
  const auto [low, high] = std::minmax_element(values, values + n);
  return quantize_by(symmetric_step(*low, *high), values, n, stored);
}
inline HybridScale quantize_asymmetric(const float* values, std::int64_t n, std::int8_t* stored) noexcept {
  if (n <= 0) return {};
  const auto [low, high] = std::minmax_element(values, values + n);
  return quantize_by(asymmetric_step(*low, *high), values, n, stored);
}

inline HybridScale quantize_hybrid(const float* values, std::int64_t n, bool asymmetric, std::int8_t* stored) noexcept {
  return asymmetric ? quantize_asymmetric(values, n, stored) : quantize_symmetric(values, n, stored);
}

}  // namespace qgraph
