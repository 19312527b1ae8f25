// Functions as ONNX Runtime (MLAS, on processors with FMA) approximates them in float32: quantizing ops behind them show the last
// bit. The quotients for logistic and tanh are Eigen's; exp is a polynomial over what is left beside a power of two.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "ops/support/summation.hpp"

namespace qgraph::polynomials {

/// c[0] x^n + ... + c[n], each step fused.
template <std::size_t n>
constexpr float horner(float x, const std::array<float, n>& c) noexcept {
  float y = c[0];
  for (std::size_t i = 1; i < n; ++i) y = fused(y, x, c[i]);
  return y;
}

/// e^x: a power of two, times the series of what is left.
inline float power_of_e(float x, const std::array<float, 7>& series) noexcept {
  constexpr float rounder = 12582912.0F;  // 1.5 * 2^23
  const float power = fused(x, 1.44269504088896341F, rounder) - rounder;
  const float rest = fused(power, -1.42860677e-6F, fused(power, -6.93145752e-1F, x));
  return std::ldexp(horner(rest, series), static_cast<int>(power));
}

inline float logistic(float x) noexcept {
  constexpr std::array above{4.37031012579801e-11F, 1.15627324459942e-07F, 6.08574864600143e-05F, 8.51377133304701e-03F,
                             2.48287947061529e-01F};
  constexpr std::array below{6.10247389755681e-13F, 5.76102136993427e-09F, 6.29106785017040e-06F,
                             1.70198817374094e-03F, 1.16817656904453e-01F, 9.93151921023180e-01F};
  if (std::isnan(x)) return x;
  const float c = std::clamp(x, -18.0F, 18.0F), square = c * c;
  return std::clamp(horner(square, above) * c / horner(square, below) + 0.5F, 0.0F, 1.0F);
}

inline float tanh(float x) noexcept {
  constexpr std::array above{-2.76076847742355e-16F, 2.00018790482477e-13F, -8.60467152213735e-11F, 5.12229709037114e-08F,
                             1.48572235717979e-05F,  6.37261928875436e-04F, 4.89352455891786e-03F};
  constexpr std::array below{1.19825839466702e-06F, 1.18534705686654e-04F, 2.26843463243900e-03F, 4.89352518554385e-03F};
  if (std::isnan(x)) return x;
  const float c = std::clamp(x, -9.0F, 9.0F), square = c * c;
  return horner(square, above) * c / horner(square, below);
}

inline float exp(float x) noexcept {
  constexpr std::array taylor{0x1.694000p-10F, 0x1.125edcp-7F, 0x1.555b5ap-5F, 0x1.555450p-3F, 0x1.fffff6p-2F, 1.0F, 1.0F};
  constexpr float lowest = -103.9720840454F, highest = 88.7762626647950F;
  if (std::isnan(x)) return x;
  if (x < lowest) return 0.0F;
  x = std::min(x, highest);
  return power_of_e(x, taylor);
}

inline float erf(float x) noexcept {
  constexpr std::array near{-5.99104969e-4F, 4.99339588e-3F, -2.67667342e-2F, 1.12818025e-1F, -3.76124859e-1F, 1.28379151e-1F};
  constexpr std::array far{1.72948930e-5F, -3.83208680e-4F, 3.88393435e-3F, -2.42545605e-2F,
                           1.06777847e-1F, 6.34846687e-1F,  1.28717512e-1F};
  constexpr std::array taylor{1.38319808e-3F, 8.37550033e-3F, 4.16689515e-2F, 1.66664466e-1F, 4.99999851e-1F, 1.0F, 1.0F};
  constexpr float split = 0.921875F, end = 3.925F;
  if (std::isnan(x)) return x;
  const float size = std::min(std::abs(x), end);
  if (size <= split) return std::copysign(fused(horner(size * size, near), size, size), x);
  return std::copysign(1.0F - power_of_e(-fused(horner(size, far), size, size), taylor), x);
}

/// Sums of `n` floats value(i) in sixteen lanes, as AVX-512 adds them.
template <class Value>
float sum_in_lanes(std::int64_t n, Value value) noexcept {
  std::array<float, 16> lanes{};
  for (std::int64_t i = 0; i < n; ++i) lanes[static_cast<std::size_t>(i % 16)] += value(i);
  std::array<float, 8> half{};
  for (std::size_t i = 0; i < 8; ++i) half[i] = lanes[i] + lanes[i + 8];
  for (std::size_t width = 4; width > 0; width /= 2)
    for (std::size_t i = 0; i < width; ++i) half[i] = half[2 * i] + half[2 * i + 1];
  return half[0];
}

/// Attribute of the ops that have both: TensorFlow Lite's reference calls the C library.
struct Polynomial {
  bool polynomial = false;
};
inline constexpr std::string_view polynomial_doc = "floats by the polynomials of ONNX Runtime";

}  // namespace qgraph::polynomials
