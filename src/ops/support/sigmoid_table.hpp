// 16-bit LOGISTIC and TANH of TensorFlow Lite (reference/integer_ops/{logistic,tanh}.h): both interpolate in one table of the
// logistic function, after the input was brought to a scale on which 2^17 is 10.67.
#pragma once

#include "ops/support/map_elements.hpp"

namespace qgraph {

struct SigmoidTable {
  std::array<std::uint16_t, 256> entries{};
  std::int32_t multiplier = 0;
  int shift = 0;

  std::int32_t scaled(std::int16_t x) const noexcept {
    const std::int32_t half = shift > 0 ? 1 << (shift - 1) : 0;
    return (x * multiplier + half) >> shift;
  }

  std::int16_t logistic(std::int16_t stored) const noexcept {
    const std::int32_t x = scaled(stored);
    const auto magnitude = static_cast<std::uint32_t>(std::abs(x));
    const std::size_t i = magnitude >> 9;
    std::uint32_t result = 0x7FFFU << 10;
    if (i < 255) {
      const std::uint32_t here = entries[i], next = entries[i + 1];
      result = (here << 9) + (magnitude & 0x1FF) * (next - here);
    }
    result = x >= 0 ? result + (1U << 9) : (1U << 25) - result + (1U << 9) - 1;
    return static_cast<std::int16_t>(result >> 10);
  }

  /// 2 * logistic(2 x) - 1.
  std::int16_t tanh(std::int16_t stored) const noexcept {
    const std::int32_t x = scaled(stored);
    const auto magnitude = static_cast<std::uint32_t>(std::abs(x));
    const std::size_t i = magnitude >> 8;
    std::int32_t result = 0xFFFF << 8;
    if (i < 255) {
      const std::uint32_t here = entries[i], next = entries[i + 1];
      result = static_cast<std::int32_t>((here << 8) + (magnitude & 0xFF) * (next - here));
    }
    result = x >= 0 ? result - (1 << 23) + (1 << 7) : -result + (1 << 23) + (1 << 7) - 1;
    return static_cast<std::int16_t>(result >> 8);
  }
};

/// CheckedLog2 of the reference: the nearest power of two, and whether the scale is one.
inline bool is_power_of_two(float scale, int& exponent) noexcept {
  const float exact = std::log(scale) * (1.0F / std::log(2.0F)), rounded = std::round(exact);
  exponent = static_cast<int>(std::clamp(rounded, -1000.0F, 1000.0F));
  return std::abs(exact - rounded) < 1e-3F;
}

/// Input scales 2^-12 ... 2^(most_shift - 12) are shifted, others multiplied. The output's must be 2^-15, both zero points 0.
inline Result<std::shared_ptr<const void>> prepare_sigmoid_table(PrepareContext& c, int most_shift) {
  if (const Status s = check_scales(c, 1); !s) return s.error();
  const TensorType &in = *c.inputs[0].type, &out = *c.outputs[0].type;
  int exponent = 0;
  if (!is_power_of_two(out.scale(), exponent) || exponent != -15 || in.zero_point() != 0 || out.zero_point() != 0)
    return unsupported("16-bit logistic and tanh need an output scale of 1/32768 and zero points of 0",
                       Cause::invalid_quantization);
  SigmoidTable p;
  p.entries = make_sigmoid_table();
  const bool power = is_power_of_two(in.scale(), exponent) && exponent + 12 >= 0 && exponent + 12 <= most_shift;
  if (power) {
    p.multiplier = 3 << (exponent + 12);
  } else {
    double m = static_cast<double>(in.scale()) * 4096.0 * 3.0;
    for (; m <= 32767.0 / 2.0 && p.shift <= 30; ++p.shift) m *= 2.0;
    p.multiplier = static_cast<std::int32_t>(std::min(m, 65535.0));
  }
  return prepared(c, p);
}

}  // namespace qgraph
