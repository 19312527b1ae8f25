// Quantized add and sub: both operands come to a common scale, then to the result's (TensorFlow Lite's kernels/add.cc, sub.cc).
#pragma once

#include "ops/support/binary.hpp"

namespace qgraph {

struct QuantizedSum {
  enum class Path : std::uint8_t {
    general,       ///< fixed point
    power_of_two,  ///< 16 bits: one operand is shifted, the sum saturates
    real,          ///< in float arithmetic, half to even, in the order of ONNX Runtime's QLinearAdd
  };
  Broadcast<2> loops{};
  Path path = Path::general;
  int left_shift = 20;
  std::int32_t zero_x = 0, zero_y = 0, zero_out = 0;
  Multiplier x{}, y{}, out{};
  int shift_x = 0, shift_y = 0;
  float scale_x = 1, scale_y = 1, scale_out = 1;  ///< real: those of x and y are over the result's
  std::int32_t low = 0, high = 0;
};
/// Of tables for 8 and 16 bits.
Prepared prepare_quantized_sum(PrepareContext&);

/// x * y + z, rounded once: the product is exact in double, and the sum's first rounding shows in no float.
inline float multiply_add(float x, float y, float z) noexcept {
  return static_cast<float>(static_cast<double>(x) * static_cast<double>(y) + static_cast<double>(z));
}

/// sign: +1 or -1
template <class T, int sign>
void run_quantized_sum(const KernelArgs& a) noexcept {
  const auto& p = a.prepared_as<QuantizedSum>();
  const auto clamp = [&p](std::int32_t q) { return static_cast<T>(std::clamp(q, p.low, p.high)); };
  const auto with = [&](auto f) { apply(p.loops, a.in<T>(0), a.in<T>(1), a.out<T>(), f); };
  switch (p.path) {
    case QuantizedSum::Path::general:
      return with([&](T x, T y) {
        const std::int32_t scaled_x = multiply((x - p.zero_x) * (std::int32_t{1} << p.left_shift), p.x);
        const std::int32_t scaled_y = multiply((y - p.zero_y) * (std::int32_t{1} << p.left_shift), p.y);
        return clamp(multiply(scaled_x + sign * scaled_y, p.out) + p.zero_out);
      });
    case QuantizedSum::Path::power_of_two:
      return with(
          [&](T x, T y) { return clamp(rounding_shift_right(x, p.shift_x) + sign * rounding_shift_right(y, p.shift_y)); });
    case QuantizedSum::Path::real: {
      const float scale_y = sign * p.scale_y, zero_y = static_cast<float>(p.zero_y);
      const float shift = static_cast<float>(p.zero_out) - multiply_add(p.scale_x, static_cast<float>(p.zero_x), scale_y * zero_y);
      return with([&](T x, T y) {
        const float q = std::nearbyint(multiply_add(static_cast<float>(x), p.scale_x, multiply_add(static_cast<float>(y), scale_y, shift)));
        return static_cast<T>(std::clamp(q, static_cast<float>(p.low), static_cast<float>(p.high)));
      });
    }
  }
}

}  // namespace qgraph
