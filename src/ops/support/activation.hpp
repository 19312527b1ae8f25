// Activations that formats fuse into other ops (TFLite's ActivationFunctionType).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <utility>

#include "qgraph/tensor.hpp"

namespace qgraph {

enum class Activation : std::uint8_t { none, relu, relu_n1_to_1, relu6, tanh, sign_bit };
constexpr std::string_view activation_words[] = {"none", "relu", "relu_n1_to_1", "relu6", "tanh", "sign_bit"};
constexpr std::span<const std::string_view> enum_words(Activation) { return activation_words; }

/// [low, high] of the clamp that an activation is in float arithmetic; infinite where it does not clamp.
constexpr std::pair<float, float> activation_range(Activation a) noexcept {
  constexpr float inf = std::numeric_limits<float>::infinity();
  switch (a) {
    case Activation::relu: return {0.0F, inf};
    case Activation::relu_n1_to_1: return {-1.0F, 1.0F};
    case Activation::relu6: return {0.0F, 6.0F};
    default: return {-inf, inf};
  }
}

/// The same clamp on stored integers of a quantized type: its bounds quantized (half away from zero, as TFLite's
/// CalculateActivationRangeQuantized), within the storage's range.
inline std::pair<std::int32_t, std::int32_t> quantized_activation_range(Activation a, const TensorType& type) noexcept {
  const IntegerRange range = integer_range(type.storage());
  auto low = static_cast<std::int32_t>(range.min), high = static_cast<std::int32_t>(range.max);
  const auto [low_real, high_real] = activation_range(a);
  const auto stored = [&](float real) {
    const double q = static_cast<double>(type.zero_point()) + std::round(static_cast<double>(real / type.scale()));
    return static_cast<std::int32_t>(std::clamp(q, static_cast<double>(range.min), static_cast<double>(range.max)));
  };
  if (std::isfinite(low_real)) low = std::max(low, stored(low_real));
  if (std::isfinite(high_real)) high = std::min(high, stored(high_real));
  return {low, high};
}

}  // namespace qgraph
