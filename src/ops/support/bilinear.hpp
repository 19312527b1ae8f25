// Where the pixels of a bilinearly resized image lie between those of the input: in float, and in fixed point with 10
// fractional bits.
#pragma once

#include "ops/support/resize.hpp"

namespace qgraph::ops {

/// Along one axis: two pixels and their weights. `fraction` is that of `high`.
template <class Weight>
struct BilinearPlace {
  std::int64_t low, high;
  Weight fraction, rest;
};

inline BilinearPlace<float> float_place(Coordinates c, std::int64_t i, std::int64_t size, float scale) noexcept {
  const float place = resize_place(c, i, scale);
  const auto low = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(place)), 0, size - 1);
  const auto high = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(place)), 0, size - 1);
  const float fraction = place - static_cast<float>(low);
  return {low, high, fraction, 1.0F - fraction};
}

inline constexpr std::int64_t fixed_one = 1 << 10;
inline std::int64_t fixed_scale(Coordinates c, std::int64_t in, std::int64_t out) noexcept {
  if (aligned(c) && out > 1) return (fixed_one * (in - 1) + (out - 1) / 2) / (out - 1);
  return (fixed_one * in + out / 2) / out;
}

inline BilinearPlace<std::int64_t> fixed_place(Coordinates c, std::int64_t i, std::int64_t size, std::int64_t scale) noexcept {
  const std::int64_t place = c == Coordinates::half_pixel ? i * scale + scale / 2 - fixed_one / 2 : i * scale;
  const auto low = std::clamp<std::int64_t>(place / fixed_one, 0, size - 1),
             high = std::clamp<std::int64_t>((place + fixed_one - 1) / fixed_one, 0, size - 1);
  const std::int64_t fraction = place - fixed_one * low;
  return {low, high, fraction, fixed_one - fraction};
}

}  // namespace qgraph::ops
