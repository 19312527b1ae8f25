// How 8-bit softmax and log_softmax bring differences to fixed point with five integer bits (TensorFlow Lite's
// PreprocessSoftmaxScaling and CalculateInputRadius).
#pragma once

#include <cmath>

#include "ops/support/fixed_point.hpp"

namespace qgraph {

struct SoftmaxScaling {
  static constexpr int difference_bits = 5, sum_bits = 12;
  Multiplier multiplier{};
  std::int32_t least_difference = 0;  ///< exp of smaller ones counts as 0

  SoftmaxScaling() = default;
  SoftmaxScaling(double beta, double input_scale) noexcept {
    constexpr double most = 2147483647.0;
    multiplier = quantize_multiplier(std::min(beta * input_scale * (1 << (31 - difference_bits)), most));
    const double radius = std::floor(std::ldexp(31.0 * (1 << (31 - difference_bits)), -multiplier.shift));
    least_difference = -static_cast<std::int32_t>(std::min(radius, 2147483646.0));
  }
  std::int32_t scaled(std::int32_t difference) const noexcept { return multiply(difference, multiplier); }
  /// exp(difference) without integer bits; difference in [least_difference, 0].
  std::int32_t exp(std::int32_t difference) const noexcept {
    return fixed_point::exp_of_negative(scaled(difference), difference_bits);
  }
};

}  // namespace qgraph
