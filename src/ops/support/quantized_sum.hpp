// add and sub: the same but for the sign of y. Quantized, both operands come to a common scale, then to the result's
// (TensorFlow Lite's kernels/add.cc, sub.cc).
#pragma once

#include "ops/op_def.hpp"
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
      const float shift =
          static_cast<float>(p.zero_out) - multiply_add(p.scale_x, static_cast<float>(p.zero_x), scale_y * zero_y);
      return with([&](T x, T y) {
        const float q =
            std::nearbyint(multiply_add(static_cast<float>(x), p.scale_x, multiply_add(static_cast<float>(y), scale_y, shift)));
        return static_cast<T>(std::clamp(q, static_cast<float>(p.low), static_cast<float>(p.high)));
      });
    }
  }
}

/// x + y or, with sign -1, x - y.
template <int sign>
struct Sum {
  template <class T>
  T operator()(T x, T y) const noexcept {
    if constexpr (std::is_integral_v<T>)
      return sign > 0 ? wrapping_add(x, y) : wrapping_subtract(x, y);
    else
      return sign > 0 ? x + y : x - y;
  }
};

template <int sign>
inline constexpr auto sum_kernels =
    join(std::array{kernel(DType::qint8, run_quantized_sum<std::int8_t, sign>, prepare_quantized_sum),
                    kernel(DType::quint8, run_quantized_sum<std::uint8_t, sign>, prepare_quantized_sum),
                    kernel(DType::qint16, run_quantized_sum<std::int16_t, sign>, prepare_quantized_sum)},
         arithmetic_rows<Sum<sign>, float, std::int32_t, std::int64_t, Float16, BFloat16, double, std::int8_t, std::int16_t,
                         std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t, std::complex<float>, std::complex<double>>());

inline constexpr std::array sum_attributes{
    attr<&Arithmetic::activation>("activation", "applied to the result"),
    attr<&Arithmetic::finite>("finite", "float results beyond the largest finite value become it, as in TensorFlow Lite"),
    attr<&Arithmetic::pot_scale_int16>("pot_scale_int16",
                                       "16 bits: where all scales are powers of two, shift one operand and saturate"),
    attr<&Arithmetic::rounding>("rounding", "of quantized results: double_rounding, or nearest_even of the float result")};

}  // namespace qgraph
