// Sub-byte integers, bfloat16, float8 and float4 as NumPy's dtypes, and strings as fixed-width bytes.
#include "cli/widen.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

namespace qgraph::cli {
namespace {

/// A float of few bits: sign, exponent, mantissa. The fnuz forms have one NaN (0x80) and a bias one higher; e4m3fn has no
/// infinity.
struct SmallFloat {
  DType dtype;
  int exponent_bits, mantissa_bits, bias;
  bool fnuz, infinities, nans;
};
constexpr std::array small_floats{
    SmallFloat{DType::float8_e4m3fn, 4, 3, 7, false, false, true}, SmallFloat{DType::float8_e4m3fnuz, 4, 3, 8, true, false, true},
    SmallFloat{DType::float8_e5m2, 5, 2, 15, false, true, true}, SmallFloat{DType::float8_e5m2fnuz, 5, 2, 16, true, false, true},
    SmallFloat{DType::float4_e2m1, 2, 1, 1, false, false, false}};

float decode(const SmallFloat& f, unsigned code) {
  const unsigned mantissa_mask = (1U << f.mantissa_bits) - 1, exponent_mask = (1U << f.exponent_bits) - 1;
  const unsigned mantissa = code & mantissa_mask, exponent = code >> f.mantissa_bits & exponent_mask;
  const bool negative = (code >> (f.mantissa_bits + f.exponent_bits) & 1U) != 0;
  const float sign = negative ? -1.0F : 1.0F;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  if (f.fnuz && negative && mantissa == 0 && exponent == 0) return nan;
  if (!f.fnuz && f.nans && exponent == exponent_mask) {
    if (f.infinities) return mantissa == 0 ? sign * std::numeric_limits<float>::infinity() : nan;
    if (mantissa == mantissa_mask) return nan;
  }
  const auto m = static_cast<float>(mantissa) / static_cast<float>(1U << f.mantissa_bits);
  if (exponent == 0) return sign * std::ldexp(m, 1 - f.bias);
  return sign * std::ldexp(1.0F + m, static_cast<int>(exponent) - f.bias);
}

const SmallFloat* small_float(DType dtype) {
  const auto* it = std::ranges::find(small_floats, dtype, &SmallFloat::dtype);
  return it == small_floats.end() ? nullptr : it;
}

unsigned element(std::span<const std::byte> data, std::size_t i, int bits) {
  const auto per_byte = static_cast<std::size_t>(8 / bits);
  return std::to_integer<unsigned>(data[i / per_byte]) >> (i % per_byte * static_cast<std::size_t>(bits)) & ((1U << bits) - 1);
}

/// The bits of a float16, for values that it holds exactly.
std::uint16_t half_of(float value) {
  const auto sign = static_cast<unsigned>(std::signbit(value) ? 0x8000 : 0);
  if (std::isnan(value)) return 0x7E00;
  if (std::isinf(value)) return static_cast<std::uint16_t>(sign | 0x7C00U);
  int exponent = 0;
  const float fraction = std::frexp(std::fabs(value), &exponent);  // [0.5, 1)
  exponent += 14;
  if (fraction == 0.0F || exponent < 1)
    return static_cast<std::uint16_t>(sign | static_cast<unsigned>(std::ldexp(std::fabs(value), 24)));
  const auto mantissa = static_cast<unsigned>((fraction * 2.0F - 1.0F) * 1024.0F);
  return static_cast<std::uint16_t>(sign | static_cast<unsigned>(exponent) << 10 | mantissa);
}

template <class T>
std::vector<std::byte> bytes_of(const std::vector<T>& values) {
  std::vector<std::byte> out(values.size() * sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), values.data(), out.size());
  return out;
}

std::optional<Widened> widened_strings(std::span<const std::byte> data, std::size_t count) {
  const auto texts = unpack_strings(data);
  if (!texts || texts->size() != count) return std::nullopt;
  std::size_t width = 1;
  for (const std::string& t : *texts) width = std::max(width, t.size());
  if (width > (std::size_t{1} << 34) / std::max<std::size_t>(count, 1)) return std::nullopt;
  Widened out{"|S" + std::to_string(width), std::vector<std::byte>(width * count)};
  for (std::size_t i = 0; i < count; ++i)
    if (!(*texts)[i].empty()) std::memcpy(out.data.data() + i * width, (*texts)[i].data(), (*texts)[i].size());
  return out;
}

std::string_view plain_descr(DType dtype) {
  switch (dtype) {
    case DType::float32: return "<f4";
    case DType::float16: return "<f2";
    case DType::float64: return "<f8";
    case DType::boolean: return "|b1";
    case DType::int8: return "|i1";
    case DType::int16: return "<i2";
    case DType::int32:
    case DType::resource: return "<i4";
    case DType::int64: return "<i8";
    case DType::uint8: return "|u1";
    case DType::uint16: return "<u2";
    case DType::uint32: return "<u4";
    case DType::uint64: return "<u8";
    case DType::complex64: return "<c8";
    case DType::complex128: return "<c16";
    default: return {};
  }
}

}  // namespace

std::optional<Widened> widened(DType dtype, std::span<const std::byte> data, std::size_t count) {
  dtype = storage(dtype);
  if (dtype == DType::string) return widened_strings(data, count);
  const DType sized = dtype == DType::resource ? DType::int32 : dtype;
  const auto size = byte_size(sized, static_cast<std::int64_t>(count));
  if (!size || data.size() < *size) return std::nullopt;
  if (const std::string_view descr = plain_descr(dtype); !descr.empty())
    return Widened{std::string(descr), std::vector<std::byte>(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(*size))};
  if (is_integer(dtype)) {  // of 2 or 4 bits
    const int width = bits(dtype);
    Widened out{is_signed(dtype) ? "|i1" : "|u1", std::vector<std::byte>(count)};
    for (std::size_t i = 0; i < count; ++i) {
      unsigned v = element(data, i, width);
      if (is_signed(dtype) && v >> (width - 1)) v |= 0xFFU << width & 0xFFU;
      out.data[i] = static_cast<std::byte>(v);
    }
    return out;
  }
  std::vector<float> values(count);
  if (dtype == DType::bfloat16) {
    for (std::size_t i = 0; i < count; ++i) {
      std::array<std::byte, 4> wide{{}};
      wide[2] = data[2 * i];
      wide[3] = data[2 * i + 1];
      std::memcpy(&values[i], wide.data(), 4);
    }
  } else if (dtype == DType::float8_e8m0) {
    for (std::size_t i = 0; i < count; ++i) {
      const int code = std::to_integer<int>(data[i]);
      values[i] = code == 255 ? std::numeric_limits<float>::quiet_NaN() : std::ldexp(1.0F, code - 127);
    }
  } else if (const SmallFloat* f = small_float(dtype)) {
    std::vector<std::uint16_t> halves(count);
    for (std::size_t i = 0; i < count; ++i) halves[i] = half_of(decode(*f, element(data, i, bits(dtype))));
    return Widened{"<f2", bytes_of(halves)};
  } else {
    return std::nullopt;
  }
  return Widened{"<f4", bytes_of(values)};
}

std::optional<std::vector<std::byte>> narrowed(DType have, std::span<const std::byte> data, std::size_t count, DType want) {
  want = storage(want);
  const auto size = byte_size(want, static_cast<std::int64_t>(count));
  const auto given = byte_size(have, static_cast<std::int64_t>(count));
  if (!size || !given || data.size() < *given) return std::nullopt;
  std::vector<std::byte> out(*size);
  const int width = bits(want);
  if (is_integer(want) && width < 8 && have == (is_signed(want) ? DType::int8 : DType::uint8)) {
    const IntegerRange range = integer_range(want);
    for (std::size_t i = 0; i < count; ++i) {
      const auto code = std::to_integer<unsigned>(data[i]);
      const int v = is_signed(want) ? static_cast<std::int8_t>(code) : static_cast<int>(code);
      if (v < range.min || v > range.max) return std::nullopt;
      const std::size_t shift = i % static_cast<std::size_t>(8 / width) * static_cast<std::size_t>(width);
      out[i / static_cast<std::size_t>(8 / width)] |= static_cast<std::byte>((code & ((1U << width) - 1)) << shift);
    }
    return out;
  }
  if (have == DType::int64 && (want == DType::float32 || want == DType::float64)) {
    for (std::size_t i = 0; i < count; ++i) {
      std::int64_t v = 0;
      std::memcpy(&v, data.data() + 8 * i, 8);
      constexpr std::int64_t exact = std::int64_t{1} << 53;
      const auto real = static_cast<double>(v);
      const auto single = static_cast<float>(v);
      if (v > exact || v < -exact || (want == DType::float32 && static_cast<double>(single) != real)) return std::nullopt;
      if (want == DType::float32)
        std::memcpy(out.data() + 4 * i, &single, 4);
      else
        std::memcpy(out.data() + 8 * i, &real, 8);
    }
    return out;
  }
  if (have == DType::float32 && want == DType::bfloat16) {
    for (std::size_t i = 0; i < count; ++i) {
      if (data[4 * i] != std::byte{0} || data[4 * i + 1] != std::byte{0}) return std::nullopt;
      out[2 * i] = data[4 * i + 2];
      out[2 * i + 1] = data[4 * i + 3];
    }
    return out;
  }
  if (const SmallFloat* f = small_float(want); f && have == DType::float16) {
    const unsigned codes = 1U << width;
    const auto per_byte = static_cast<std::size_t>(8 / width);
    for (std::size_t i = 0; i < count; ++i) {
      std::uint16_t half = 0;
      std::memcpy(&half, data.data() + 2 * i, 2);
      if ((half & 0x7FFFU) > 0x7C00U) half = 0x7E00;  // every NaN
      unsigned code = 0;
      while (code < codes && half_of(decode(*f, code)) != half) ++code;
      if (code == codes) return std::nullopt;
      out[i / per_byte] |= static_cast<std::byte>(code << (i % per_byte * static_cast<std::size_t>(width)));
    }
    return out;
  }
  return std::nullopt;
}

std::vector<std::byte> pack_strings(const std::vector<std::string>& texts) {
  std::vector<std::int32_t> head{static_cast<std::int32_t>(texts.size())};
  auto offset = static_cast<std::int32_t>(4 * (texts.size() + 2));
  for (const std::string& t : texts) {
    head.push_back(offset);
    offset += static_cast<std::int32_t>(t.size());
  }
  head.push_back(offset);
  std::vector<std::byte> out(static_cast<std::size_t>(offset));
  std::memcpy(out.data(), head.data(), head.size() * 4);
  std::size_t at = head.size() * 4;
  for (const std::string& t : texts) {
    if (!t.empty()) std::memcpy(out.data() + at, t.data(), t.size());
    at += t.size();
  }
  return out;
}

std::optional<std::vector<std::string>> unpack_strings(std::span<const std::byte> data) {
  const auto word = [&](std::size_t i) {
    std::int32_t v = -1;
    if (4 * i + 4 <= data.size()) std::memcpy(&v, data.data() + 4 * i, 4);
    return v;
  };
  const std::int32_t count = word(0);
  if (count < 0 || (static_cast<std::size_t>(count) + 2) * 4 > data.size()) return std::nullopt;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const std::int32_t begin = word(i + 1), end = word(i + 2);
    if (begin < 0 || end < begin || static_cast<std::size_t>(end) > data.size()) return std::nullopt;
    texts.emplace_back(reinterpret_cast<const char*>(data.data()) + begin, static_cast<std::size_t>(end - begin));
  }
  return texts;
}

}  // namespace qgraph::cli
