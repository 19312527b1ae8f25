// The requantization rules one sum at a time: for generic kernels, and for what vectors leave over.
#pragma once

#include <cmath>

#include "kernels/requantize_s8.hpp"

namespace qgraph::kernels {

/// The byte to store for a sum of this channel.
inline std::uint8_t requantize_one(const Requantize& q, std::int64_t channel, std::int32_t sum) noexcept {
  std::int64_t value = 0;
  const std::int64_t c = channel;
  switch (q.rule) {
    case Rule::fixed_above_zero: {
      const std::int64_t addend = q.addend[c / 16 * 16 + c % 2 * 8 + c % 16 / 2];
      value = ((std::int64_t{sum} * q.multiplier[c] + addend) >> 32) >> q.shift[c];
      break;
    }
    case Rule::fixed:
    case Rule::fixed_any: {
      const bool any = q.rule == Rule::fixed_any;
      const auto x = any ? static_cast<std::int32_t>(static_cast<std::uint32_t>(sum) << q.left[c]) : sum;
      const std::int64_t high = (std::int64_t{x} * q.multiplier[c] + (std::int64_t{1} << 30)) >> 31;
      value = any && q.shifted[c] == 0 ? high : (((high + (high < 0 ? -1 : 0)) >> q.shift[c]) + 1) >> 1;
      value += q.zero_point;
      break;
    }
    case Rule::double_product: {
      const double x = std::round(static_cast<double>(sum) * q.factor[c]), low = q.low - q.zero_point,
                   high = q.high - q.zero_point;
      value = static_cast<std::int64_t>(x >= low ? (x < high ? x : high) : low) + q.zero_point;
      break;
    }
    case Rule::nearest_even: {
      const float x = std::nearbyint(static_cast<float>(sum) * q.scale[c] + (q.added ? q.added[c] : 0.0F));
      const auto low = static_cast<float>(q.low - q.zero_point), high = static_cast<float>(q.high - q.zero_point);
      value = static_cast<std::int64_t>(x >= low ? (x < high ? x : high) : low) + q.zero_point;
      break;
    }
    case Rule::sums: break;
  }
  value = value < q.low ? q.low : value > q.high ? q.high : value;
  return static_cast<std::uint8_t>(static_cast<std::uint8_t>(value) ^ q.flip);
}

}  // namespace qgraph::kernels
