// Floating point of 16, 8 and 4 bits: to float exactly, from float rounded to nearest, ties to even.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "core/float16.hpp"
#include "ops/support/unpack_sub_byte.hpp"
#include "qgraph/dtype.hpp"

namespace qgraph {

/// Sign, exponent, mantissa. Special values: IEEE's; fn: no infinities, NaN is all ones; fnuz: NaN is the negative zero; none.
struct FloatFormat {
  enum class Special : std::uint8_t { ieee, fn, fnuz, none };
  int exponent_bits = 5, mantissa_bits = 10, bias = 15;
  Special special = Special::ieee;

  constexpr std::uint32_t sign_bit() const noexcept { return 1U << (exponent_bits + mantissa_bits); }
  constexpr std::uint32_t infinity() const noexcept { return ((1U << exponent_bits) - 1) << mantissa_bits; }
  constexpr std::uint32_t nan() const noexcept {
    switch (special) {
      case Special::ieee: return infinity() | 1U << (mantissa_bits - 1);
      case Special::fn: return sign_bit() - 1;
      case Special::fnuz: return sign_bit();
      default: return sign_bit();  // the negative zero, as there is no NaN
    }
  }
  /// The largest finite magnitude.
  constexpr std::uint32_t largest() const noexcept {
    switch (special) {
      case Special::ieee: return infinity() - 1;
      case Special::fn: return sign_bit() - 2;
      default: return sign_bit() - 1;
    }
  }
};

/// The format of a float dtype below 32 bits; mantissa_bits 0 for float8_e8m0 (no sign) and others.
constexpr FloatFormat float_format(DType dtype) noexcept {
  using S = FloatFormat::Special;
  switch (dtype) {
    case DType::float16: return {5, 10, 15, S::ieee};
    case DType::bfloat16: return {8, 7, 127, S::ieee};
    case DType::float8_e4m3fn: return {4, 3, 7, S::fn};
    case DType::float8_e4m3fnuz: return {4, 3, 8, S::fnuz};
    case DType::float8_e5m2: return {5, 2, 15, S::ieee};
    case DType::float8_e5m2fnuz: return {5, 2, 16, S::fnuz};
    case DType::float4_e2m1: return {2, 1, 1, S::none};
    default: return {8, 0, 127, S::none};
  }
}

inline float decode_float(std::uint32_t code, const FloatFormat& f) noexcept {
  const bool negative = code & f.sign_bit();
  const std::uint32_t magnitude = code & (f.sign_bit() - 1);
  const bool special = f.special == FloatFormat::Special::fnuz ? code == f.nan() : magnitude > f.largest();
  if (special) {
    if (f.special == FloatFormat::Special::ieee && magnitude == f.infinity())
      return negative ? -std::numeric_limits<float>::infinity() : std::numeric_limits<float>::infinity();
    return std::numeric_limits<float>::quiet_NaN();
  }
  const int exponent = static_cast<int>(magnitude >> f.mantissa_bits);
  std::uint32_t mantissa = magnitude & ((1U << f.mantissa_bits) - 1);
  if (exponent > 0) mantissa |= 1U << f.mantissa_bits;
  const float value = std::ldexp(static_cast<float>(mantissa), std::max(exponent, 1) - f.bias - f.mantissa_bits);
  return negative ? -value : value;
}

/// saturate: what is too large becomes the largest finite number, else infinity, or NaN where there is none.
inline std::uint32_t encode_float(float x, const FloatFormat& f, bool saturate = false) noexcept {
  if (std::isnan(x)) return f.nan();
  const std::uint32_t sign = std::signbit(x) ? f.sign_bit() : 0;
  const std::uint32_t overflow = f.special == FloatFormat::Special::none || saturate ? sign | f.largest()
                                 : f.special == FloatFormat::Special::ieee           ? sign | f.infinity()
                                 : f.special == FloatFormat::Special::fnuz           ? f.nan()
                                                                                     : sign | f.nan();
  const float magnitude = std::abs(x);
  if (std::isinf(magnitude)) return overflow;
  if (magnitude == 0.0F) return f.special == FloatFormat::Special::fnuz ? 0 : sign;
  const int exponent = std::max(std::ilogb(magnitude), 1 - f.bias);
  const double steps = std::ldexp(static_cast<double>(magnitude), f.mantissa_bits - exponent);
  auto code = static_cast<std::uint64_t>(steps);
  const double rest = steps - static_cast<double>(code);
  if (rest > 0.5 || (rest == 0.5 && code % 2 == 1)) ++code;
  code += static_cast<std::uint64_t>(exponent + f.bias - 1) << f.mantissa_bits;
  if (code > f.largest()) return overflow;
  if (code == 0 && f.special == FloatFormat::Special::fnuz) return 0;
  return sign | static_cast<std::uint32_t>(code);
}

/// Element i of a tensor of any float dtype up to 64 bits.
inline float float_at(const std::byte* bytes, DType dtype, std::int64_t i) noexcept {
  switch (dtype) {
    case DType::float32: return load_as<float>(bytes, i);
    case DType::float64: return static_cast<float>(load_as<double>(bytes, i));
    case DType::bfloat16: return float_from_bfloat16(load_as<std::uint16_t>(bytes, i));
    case DType::float16: return float_from_half(load_as<std::uint16_t>(bytes, i));
    case DType::float4_e2m1:
      return decode_float(static_cast<std::uint32_t>(sub_byte_at(bytes, 4, false, i)), float_format(dtype));
    case DType::float8_e8m0: {
      const auto code = load_as<std::uint8_t>(bytes, i);
      return code == 255 ? std::numeric_limits<float>::quiet_NaN() : std::ldexp(1.0F, code - 127);
    }
    default: return decode_float(load_as<std::uint8_t>(bytes, i), float_format(dtype));
  }
}

/// Writes element i; float4 in order of i, the first of a byte clears it. float8_e8m0 and float64 too.
inline void store_float(std::byte* bytes, DType dtype, std::int64_t i, float x, bool saturate = false) noexcept {
  const auto put = [&](auto value) { std::memcpy(bytes + i * static_cast<std::int64_t>(sizeof(value)), &value, sizeof(value)); };
  switch (dtype) {
    case DType::float32: return put(x);
    case DType::float64: return put(static_cast<double>(x));
    case DType::float16:
    case DType::bfloat16: return put(static_cast<std::uint16_t>(encode_float(x, float_format(dtype), saturate)));
    case DType::float4_e2m1: {
      const auto code = static_cast<std::byte>(encode_float(x, float_format(dtype), true));
      bytes[i / 2] = i % 2 == 0 ? code : bytes[i / 2] | code << 4;
      return;
    }
    case DType::float8_e8m0: {
      const bool bad = std::isnan(x) || x < 0.0F;
      const int e = x > 0.0F && std::isfinite(x) ? static_cast<int>(std::lround(std::log2(x))) : x > 0.0F ? 127 : -127;
      return put(static_cast<std::uint8_t>(bad ? 255 : std::clamp(e + 127, 0, 254)));
    }
    default: return put(static_cast<std::uint8_t>(encode_float(x, float_format(dtype), saturate)));
  }
}

}  // namespace qgraph
