// The C++ type of a dtype's elements, and arithmetic on them that wraps where integers overflow.
#pragma once

#include <complex>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "core/float16.hpp"
#include "qgraph/dtype.hpp"

namespace qgraph {

/// boolean's elements are std::uint8_t too: bytes from a file need not be 0 or 1.
template <class T>
inline constexpr DType dtype_of = DType::unknown;
template <>
inline constexpr DType dtype_of<float> = DType::float32;
template <>
inline constexpr DType dtype_of<double> = DType::float64;
template <>
inline constexpr DType dtype_of<Float16> = DType::float16;
template <>
inline constexpr DType dtype_of<BFloat16> = DType::bfloat16;
template <>
inline constexpr DType dtype_of<std::int8_t> = DType::int8;
template <>
inline constexpr DType dtype_of<std::int16_t> = DType::int16;
template <>
inline constexpr DType dtype_of<std::int32_t> = DType::int32;
template <>
inline constexpr DType dtype_of<std::int64_t> = DType::int64;
template <>
inline constexpr DType dtype_of<std::uint8_t> = DType::uint8;
template <>
inline constexpr DType dtype_of<std::uint16_t> = DType::uint16;
template <>
inline constexpr DType dtype_of<std::uint32_t> = DType::uint32;
template <>
inline constexpr DType dtype_of<std::uint64_t> = DType::uint64;
template <>
inline constexpr DType dtype_of<std::complex<float>> = DType::complex64;
template <>
inline constexpr DType dtype_of<std::complex<double>> = DType::complex128;

template <class T>
inline constexpr bool is_half = std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>;
template <class T>
inline constexpr bool is_complex = std::is_same_v<T, std::complex<float>> || std::is_same_v<T, std::complex<double>>;
/// What an element is computed in.
template <class T>
using Computed = std::conditional_t<is_half<T>, float, T>;

/// The largest finite value.
template <class T>
constexpr T largest() noexcept {
  if constexpr (std::is_same_v<T, Float16>)
    return Float16(65504.0F);
  else if constexpr (std::is_same_v<T, BFloat16>)
    return BFloat16(0x1.FEp127F);
  else
    return std::numeric_limits<T>::max();
}

template <std::integral T>
constexpr T wrapping_add(T a, T b) noexcept {
  return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
template <std::integral T>
constexpr T wrapping_subtract(T a, T b) noexcept {
  return static_cast<T>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
template <std::integral T>
constexpr T wrapping_multiply(T a, T b) noexcept {
  return static_cast<T>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

}  // namespace qgraph
