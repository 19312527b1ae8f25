// Decodes and encodes packed, small-float and ordinary elements.
#include "source/numbers.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace qgraph::source {
namespace {

/// A float of up to 16 bits: sign, exponent, mantissa. What its largest exponent means differs.
enum class Special { ieee, finite_nan, negative_zero_nan, none };  // inf and NaN; one NaN, no inf; NaN is -0, no inf; neither
struct SmallFloat {
  int exponent_bits, mantissa_bits, bias;
  Special special;
};

double decode(std::uint32_t stored, SmallFloat f) {
  const std::uint32_t mantissa = stored & ((1U << f.mantissa_bits) - 1);
  const std::uint32_t exponent = (stored >> f.mantissa_bits) & ((1U << f.exponent_bits) - 1);
  const std::uint32_t top = (1U << f.exponent_bits) - 1;
  const bool negative = ((stored >> (f.mantissa_bits + f.exponent_bits)) & 1) != 0;
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  if (f.special == Special::ieee && exponent == top)
    return mantissa != 0 ? nan : negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  if (f.special == Special::finite_nan && exponent == top && mantissa == (1U << f.mantissa_bits) - 1) return nan;
  if (f.special == Special::negative_zero_nan && negative && exponent == 0 && mantissa == 0) return nan;
  const double fraction = std::ldexp(static_cast<double>(mantissa), -f.mantissa_bits);
  const double value =
      exponent == 0 ? std::ldexp(fraction, 1 - f.bias) : std::ldexp(1.0 + fraction, static_cast<int>(exponent) - f.bias);
  return negative ? -value : value;
}

std::optional<SmallFloat> small_float(DType dtype) {
  switch (dtype) {
    case DType::float16: return SmallFloat{5, 10, 15, Special::ieee};
    case DType::bfloat16: return SmallFloat{8, 7, 127, Special::ieee};
    case DType::float8_e4m3fn: return SmallFloat{4, 3, 7, Special::finite_nan};
    case DType::float8_e4m3fnuz: return SmallFloat{4, 3, 8, Special::negative_zero_nan};
    case DType::float8_e5m2: return SmallFloat{5, 2, 15, Special::ieee};
    case DType::float8_e5m2fnuz: return SmallFloat{5, 2, 16, Special::negative_zero_nan};
    case DType::float4_e2m1: return SmallFloat{2, 1, 1, Special::none};
    default: return std::nullopt;
  }
}

template <class T>
void widen(std::span<const std::byte> raw, std::vector<double>& out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    T value;
    std::memcpy(&value, raw.data() + i * sizeof(T), sizeof(T));
    out[i] = static_cast<double>(value);
  }
}

/// Element i of a dtype of at most 16 bits, as its bits.
std::uint32_t packed_bits(std::span<const std::byte> raw, std::size_t i, unsigned width) {
  if (width == 16) return std::to_integer<std::uint32_t>(raw[2 * i]) | (std::to_integer<std::uint32_t>(raw[2 * i + 1]) << 8);
  const std::size_t bit = i * width;
  return (std::to_integer<std::uint32_t>(raw[bit / 8]) >> (bit % 8)) & ((1U << width) - 1);
}

}  // namespace

std::optional<std::vector<double>> decode_numbers(DType dtype, std::span<const std::byte> raw, std::size_t count) {
  dtype = storage(dtype);
  const auto width = static_cast<unsigned>(bits(dtype));
  if (width == 0 || width > 64) return std::nullopt;
  if (count > std::numeric_limits<std::size_t>::max() / 64 || (count * width + 7) / 8 > raw.size()) return std::nullopt;
  std::vector<double> out(count);
  switch (dtype) {
    case DType::float32: widen<float>(raw, out); return out;
    case DType::float64: widen<double>(raw, out); return out;
    case DType::boolean:
    case DType::uint8: widen<std::uint8_t>(raw, out); return out;
    case DType::uint16: widen<std::uint16_t>(raw, out); return out;
    case DType::uint32: widen<std::uint32_t>(raw, out); return out;
    case DType::uint64: widen<std::uint64_t>(raw, out); return out;
    case DType::int8: widen<std::int8_t>(raw, out); return out;
    case DType::int16: widen<std::int16_t>(raw, out); return out;
    case DType::int32: widen<std::int32_t>(raw, out); return out;
    case DType::int64: widen<std::int64_t>(raw, out); return out;
    default: break;
  }
  if (dtype == DType::float8_e8m0) {
    for (std::size_t i = 0; i < count; ++i) {
      const int exponent = std::to_integer<int>(raw[i]);
      out[i] = exponent == 255 ? std::numeric_limits<double>::quiet_NaN() : std::ldexp(1.0, exponent - 127);
    }
    return out;
  }
  if (const auto f = small_float(dtype)) {
    for (std::size_t i = 0; i < count; ++i) out[i] = decode(packed_bits(raw, i, width), *f);
    return out;
  }
  if (!is_integer(dtype) || width > 4) return std::nullopt;
  const bool negative_half = is_signed(dtype);
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = static_cast<int>(packed_bits(raw, i, width));
    const int half = 1 << (width - 1);
    out[i] = negative_half && value >= half ? value - 2 * half : value;
  }
  return out;
}

namespace {

template <class T>
void narrow(std::span<const double> values, std::vector<std::byte>& out) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    T stored{};
    if constexpr (std::is_floating_point_v<T>) {
      stored = static_cast<T>(values[i]);
    } else {
      const double rounded = std::round(values[i]);
      if (std::isnan(rounded))
        stored = 0;
      else if (rounded <= static_cast<double>(std::numeric_limits<T>::min()))
        stored = std::numeric_limits<T>::min();
      else if (rounded >= static_cast<double>(std::numeric_limits<T>::max()))
        stored = std::numeric_limits<T>::max();
      else
        stored = static_cast<T>(rounded);
    }
    std::memcpy(out.data() + i * sizeof(T), &stored, sizeof(T));
  }
}

/// The nearest of the stored values by search over all of them, ties to the even one: at most 2^16, and only ever used on
/// parameters.
std::uint32_t nearest(double value, DType dtype, SmallFloat f) {
  const unsigned width = static_cast<unsigned>(bits(dtype));
  std::uint32_t best = 0;
  double best_distance = std::numeric_limits<double>::infinity();
  for (std::uint32_t candidate = 0; candidate < (1U << width); ++candidate) {
    const double distance = std::abs(decode(candidate, f) - value);
    if (distance < best_distance || (distance == best_distance && (candidate & 1) == 0 && (best & 1) != 0)) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace

std::optional<std::vector<std::byte>> encode_numbers(DType dtype, std::span<const double> values) {
  dtype = storage(dtype);
  const auto width = static_cast<unsigned>(bits(dtype));
  if (width == 0 || width > 64) return std::nullopt;
  std::vector<std::byte> out((values.size() * width + 7) / 8);
  switch (dtype) {
    case DType::float32: narrow<float>(values, out); return out;
    case DType::float64: narrow<double>(values, out); return out;
    case DType::boolean:
    case DType::uint8: narrow<std::uint8_t>(values, out); return out;
    case DType::uint16: narrow<std::uint16_t>(values, out); return out;
    case DType::uint32: narrow<std::uint32_t>(values, out); return out;
    case DType::uint64: narrow<std::uint64_t>(values, out); return out;
    case DType::int8: narrow<std::int8_t>(values, out); return out;
    case DType::int16: narrow<std::int16_t>(values, out); return out;
    case DType::int32: narrow<std::int32_t>(values, out); return out;
    case DType::int64: narrow<std::int64_t>(values, out); return out;
    default: break;
  }
  const auto f = small_float(dtype);
  if (!f && (!is_integer(dtype) || width > 4)) return std::nullopt;
  const IntegerRange range = integer_range(dtype);
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint32_t stored = 0;
    if (f) {
      stored = nearest(values[i], dtype, *f);
    } else {
      const double rounded = std::isnan(values[i]) ? 0.0 : std::round(values[i]);
      const double clamped = std::clamp(rounded, static_cast<double>(range.min), static_cast<double>(range.max));
      stored = static_cast<std::uint32_t>(static_cast<std::int32_t>(clamped)) & ((1U << width) - 1);
    }
    const std::size_t bit = i * width;
    out[bit / 8] |= static_cast<std::byte>((stored << (bit % 8)) & 0xFF);
    if (width == 16) out[bit / 8 + 1] |= static_cast<std::byte>(stored >> 8);
  }
  return out;
}

}  // namespace qgraph::source
