// Arithmetic that says when it overflows. File data is multiplied and added with these alone.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>

namespace qgraph {

template <std::integral T>
constexpr std::optional<T> checked_add(T a, T b) noexcept {
  T r{};
  if (__builtin_add_overflow(a, b, &r)) return std::nullopt;
  return r;
}

template <std::integral T>
constexpr std::optional<T> checked_sub(T a, T b) noexcept {
  T r{};
  if (__builtin_sub_overflow(a, b, &r)) return std::nullopt;
  return r;
}

template <std::integral T>
constexpr std::optional<T> checked_mul(T a, T b) noexcept {
  T r{};
  if (__builtin_mul_overflow(a, b, &r)) return std::nullopt;
  return r;
}

/// The product of non-negative factors, 1 for none; nothing on a negative one, or on overflow where none is zero.
constexpr std::optional<std::int64_t> checked_product(std::span<const std::int64_t> factors) noexcept {
  std::int64_t r = 1;
  bool zero = false, overflow = false;
  for (const std::int64_t f : factors) {
    if (f < 0) return std::nullopt;
    if (f == 0)
      zero = true;
    else
      overflow = overflow || __builtin_mul_overflow(r, f, &r);
  }
  if (zero) return 0;
  return overflow ? std::nullopt : std::optional(r);
}

}  // namespace qgraph
