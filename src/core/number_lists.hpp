// Questions about lists of numbers that are as long as a model has channels. Bits are looked at in place of comparing, so that
// compilers take several numbers at a time; nothing is sought, as in sound files nothing would be found.
#pragma once

#include <bit>
#include <cstdint>
#include <span>

namespace qgraph {

/// Each is 0, of either sign.
inline bool all_zero(std::span<const double> values) noexcept {
  std::uint64_t any = 0;
  for (const double v : values) any |= std::bit_cast<std::uint64_t>(v) << 1U;
  return any == 0;
}

/// least <= v <= most for each; none is NaN. Both bounds are finite and above 0.
inline bool all_within(std::span<const double> values, double least, double most) noexcept {
  // Bits of positive numbers are ordered as the numbers are. One of the differences is negative where v is outside, or has a
  // sign.
  const auto low = std::bit_cast<std::uint64_t>(least), high = std::bit_cast<std::uint64_t>(most);
  std::uint64_t outside = 0;
  for (const double v : values) outside |= (std::bit_cast<std::uint64_t>(v) - low) | (high - std::bit_cast<std::uint64_t>(v));
  return outside >> 63U == 0;
}

}  // namespace qgraph
