// Fixed-point functions of raw integers (int16 or int32) whose value is raw * 2^(integer_bits - bits), as gemmlowp's
// fixedpoint.h and TensorFlow Lite's kernels/internal/common.h define them: integer kernels are bit exact only with these.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "ops/requantize.hpp"

namespace qgraph::fixed_point {

template <class Raw>
inline constexpr int value_bits = std::numeric_limits<Raw>::digits;  // 31 or 15
template <class Raw>
inline constexpr Raw one = std::numeric_limits<Raw>::max();  // of a number without integer bits

/// Sums wrap.
template <class Raw>
constexpr Raw add(Raw a, Raw b) noexcept {
  return static_cast<Raw>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b));
}
template <class Raw>
constexpr Raw subtract(Raw a, Raw b) noexcept {
  return static_cast<Raw>(static_cast<std::uint32_t>(a) - static_cast<std::uint32_t>(b));
}
template <class Raw>
constexpr Raw saturate(std::int64_t x) noexcept {
  return static_cast<Raw>(std::clamp<std::int64_t>(x, std::numeric_limits<Raw>::min(), std::numeric_limits<Raw>::max()));
}

/// The product; its integer bits are the sum of both. Half rounds up; the one overflow saturates.
template <class Raw>
constexpr Raw multiply(Raw a, Raw b) noexcept {
  return saturate<Raw>((std::int64_t{a} * b + (std::int64_t{1} << (value_bits<Raw> - 1))) >> value_bits<Raw>);
}

/// x * 2^exponent: to the left it saturates, to the right half rounds away from zero.
template <class Raw>
constexpr Raw shift(Raw x, int exponent) noexcept {
  if (exponent < 0) return static_cast<Raw>(rounding_shift_right(x, std::min(-exponent, 31)));
  return saturate<Raw>(std::int64_t{x} * (std::int64_t{1} << std::min(exponent, value_bits<Raw>)));
}
template <class Raw>
constexpr Raw rescale(Raw x, int from_integer_bits, int to_integer_bits) noexcept {
  return shift(x, from_integer_bits - to_integer_bits);
}

/// A constant without integer bits, given as 31 bits.
template <class Raw>
constexpr Raw constant(std::int32_t q31) noexcept {
  return static_cast<Raw>(rounding_shift_right(q31, 31 - value_bits<Raw>));
}

/// (a + b) / 2, half away from zero.
template <class Raw>
constexpr Raw half_sum(Raw a, Raw b) noexcept {
  const std::int64_t sum = std::int64_t{a} + b;
  return static_cast<Raw>((sum + (sum >= 0 ? 1 : -1)) / 2);
}

namespace detail {
/// exp(a) for a in [-1/4, 0): a Taylor series of fourth order about -1/8.
template <class Raw>
constexpr Raw exp_last_quarter(Raw a) noexcept {
  const Raw at_center = constant<Raw>(1895147668), third = constant<Raw>(715827883);
  const Raw x = add(a, static_cast<Raw>(Raw{1} << (value_bits<Raw> - 3)));
  const Raw x2 = multiply(x, x), x3 = multiply(x2, x), x4 = multiply(x2, x2);
  const Raw tail = shift(add(multiply(add(shift(x4, -2), x3), third), x2), -1);
  const Raw change = multiply(at_center, add(x, tail));
  return value_bits<Raw> == 15 ? saturate<Raw>(std::int64_t{at_center} + change) : add(at_center, change);
}

/// Newton's iteration for 2 / (1 + a), a in [0, 1]; the result has two integer bits.
template <class Raw>
constexpr Raw twice_reciprocal(Raw a) noexcept {
  const Raw half_denominator = half_sum(a, one<Raw>);
  const Raw unit = static_cast<Raw>(Raw{1} << (value_bits<Raw> - 2));
  Raw x = add(constant<Raw>(1515870810), multiply(half_denominator, constant<Raw>(-1010580540)));
  for (int i = 0; i < 3; ++i) x = add(x, shift(multiply(x, subtract(unit, multiply(half_denominator, x))), 2));
  return x;
}
}  // namespace detail

/// exp(a) for a <= 0; the result has no integer bits.
template <class Raw>
constexpr Raw exp_of_negative(Raw a, int integer_bits) noexcept {
  constexpr std::int32_t factors[] = {1672461947, 1302514674, 790015084, 290630308,
                                      39332535,   720401,     242};  // exp(-2^k), k = -2..4
  if (a == 0) return one<Raw>;
  const int fraction_bits = value_bits<Raw> - integer_bits;
  const auto quarter = static_cast<Raw>(std::int32_t{1} << (fraction_bits - 2));
  const Raw in_quarter = subtract(static_cast<Raw>(a & (quarter - 1)), quarter);
  Raw result = detail::exp_last_quarter(rescale(in_quarter, integer_bits, 0));
  const Raw rest = subtract(in_quarter, a);
  for (int k = -2; k <= 4 && k < integer_bits; ++k)
    if ((rest >> (fraction_bits + k)) & 1) result = multiply(result, constant<Raw>(factors[k + 2]));
  if (integer_bits > 5 && a < -(std::int64_t{1} << (fraction_bits + 5))) return 0;
  return result;
}

/// 1 / (1 + a) and (1 - a) / (1 + a) for a in [0, 1]; neither has integer bits.
template <class Raw>
constexpr Raw one_over_one_plus(Raw a) noexcept {
  return shift(detail::twice_reciprocal(a), 1);
}
template <class Raw>
constexpr Raw one_minus_over_one_plus(Raw a) noexcept {
  const Raw unit = static_cast<Raw>(Raw{1} << (value_bits<Raw> - 2));
  return shift(subtract(detail::twice_reciprocal(a), unit), 2);
}

template <class Raw>
constexpr Raw logistic(Raw a, int integer_bits) noexcept {
  if (a == 0) return static_cast<Raw>(Raw{1} << (value_bits<Raw> - 1));
  const Raw positive = one_over_one_plus(exp_of_negative(a > 0 ? subtract(Raw{0}, a) : a, integer_bits));
  return a > 0 ? positive : subtract(one<Raw>, positive);
}

template <class Raw>
constexpr Raw tanh(Raw a, int integer_bits) noexcept {
  if (a == 0) return 0;
  const Raw t = one_minus_over_one_plus(exp_of_negative(a < 0 ? a : subtract(Raw{0}, a), integer_bits + 1));
  return a < 0 ? subtract(Raw{0}, t) : t;
}

/// 1 / x as a number without integer bits times 2^-bits_over_unit. x > 0 has integer_bits.
constexpr std::int32_t reciprocal(std::int32_t x, int integer_bits, int& bits_over_unit) noexcept {
  const int leading = std::countl_zero(static_cast<std::uint32_t>(x));
  bits_over_unit = integer_bits - leading;
  const std::uint32_t normal = leading > 31 ? 0 : static_cast<std::uint32_t>(x) << leading;
  return one_over_one_plus(static_cast<std::int32_t>(normal - 0x80000000U));
}

/// 1 / sqrt(x) of an integer (0 counts as 1).
constexpr Multiplier inverse_square_root(std::int32_t x) noexcept {
  if (x <= 1) return {std::numeric_limits<std::int32_t>::max(), 0};
  int right = 11;
  for (; x >= 1 << 29; ++right) x /= 4;
  const int pairs = (std::countl_zero(static_cast<std::uint32_t>(x)) - 1) / 2 - 1;
  right -= pairs;
  x = static_cast<std::int32_t>(static_cast<std::uint32_t>(x) << (2 * pairs));
  const std::int32_t input = x >> 1, half_input = shift(input, -1), three_halves = (1 << 28) + (1 << 27);
  std::int32_t root = 1 << 28;  // three integer bits
  for (int i = 0; i < 5; ++i) {
    const std::int32_t cube = shift(multiply(multiply(root, root), root), 6);
    root = shift(subtract(multiply(three_halves, root), multiply(half_input, cube)), 3);
  }
  root = multiply(root, std::int32_t{1518500250});  // sqrt(1/2)
  if (right < 0) return {static_cast<std::int32_t>(static_cast<std::uint32_t>(root) << -right), 0};
  return {root, -right};
}

/// log(x) for x with 12 integer bits, x >= 2^-12; the result has 5.
constexpr std::int32_t log_of(std::int32_t x) noexcept {
  constexpr int input_bits = 12, output_bits = 5, sum_bits = output_bits + 1;
  constexpr std::int32_t log_2 = 1488522236, fourth_root_half = 1805811301, root_half = 1518500250;
  constexpr std::int32_t n = 117049297, d = 127690142, i = 1057819769, f = 638450708;  // of the rational approximation
  constexpr std::int32_t quarter = shift(std::int32_t{1} << 29, -sum_bits);
  const auto leading = [](std::int32_t v) { return std::countl_zero(static_cast<std::uint32_t>(v)); };
  const int a_headroom = leading(x) - 1;
  const std::int32_t a = shift(multiply(shift(x, a_headroom), root_half), 1);
  const std::int64_t a_power = std::int64_t{shift(std::int32_t{input_bits - 1 - a_headroom}, 31 - sum_bits)} + quarter;
  const int b_headroom = leading(multiply(x, root_half)) - 1;
  const std::int32_t b = shift(x, b_headroom);
  const std::int64_t b_power = std::int64_t{shift(std::int32_t{input_bits - b_headroom}, 31 - sum_bits)} - quarter;
  const std::int32_t r = std::min(a, b);
  const std::int32_t power = std::max(saturate<std::int32_t>(a_power), saturate<std::int32_t>(b_power));
  const std::int32_t p = half_sum(r, fourth_root_half);
  const std::int32_t half_q = subtract(r, fourth_root_half), q = add(half_q, half_q), square = multiply(q, q);
  const std::int32_t numerator = add(multiply(q, r), multiply(multiply(q, square), n));
  const std::int32_t denominator = add(multiply(p, add(add(i, q), multiply(d, square))), multiply(f, q));
  const std::int32_t fraction = multiply(rescale(numerator, 0, sum_bits), one_over_one_plus(denominator));
  return rescale(add(multiply(power, log_2), fraction), sum_bits, output_bits);
}

}  // namespace qgraph::fixed_point
