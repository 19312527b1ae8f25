// Operands for kernels: bytes and constants that any layer could have.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "kernels/requantize_s8.hpp"

namespace qgraph::bench {

/// With 64 bytes behind them that kernels may read.
template <class T>
std::vector<T> random_bytes(std::int64_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<T> bytes(static_cast<std::size_t>(count + 64));
  for (T& b : bytes) b = static_cast<T>(random());
  return bytes;
}

/// Multipliers, shifts and addends of layers with ReLU, as most are.
struct Constants {
  std::vector<std::int32_t> multiplier{}, shift{}, bias{};
  std::vector<std::int64_t> addend{};
  kernels::Requantize requantize{};

  explicit Constants(std::int64_t channels) {
    const auto count = static_cast<std::size_t>((channels + 63) / 64 * 64);
    std::mt19937 random(7);
    constexpr int right = 9;
    for (std::size_t c = 0; c < count; ++c) {
      multiplier.push_back(static_cast<std::int32_t>((1U << 30) + random() % (1U << 30)));
      shift.push_back(right - 1);
      bias.push_back(static_cast<std::int32_t>(random() % 2000) - 1000);
      addend.push_back((std::int64_t{1} << 30) + (std::int64_t{1} << (30 + right)) -
                       std::int64_t{128} * (std::int64_t{1} << (31 + right)));
    }
    requantize = {.rule = kernels::Rule::fixed_above_zero,
                  .multiplier = multiplier.data(),
                  .addend = addend.data(),
                  .shift = shift.data(),
                  .zero_point = -128,
                  .low = -128,
                  .high = 127};
  }
};

}  // namespace qgraph::bench
