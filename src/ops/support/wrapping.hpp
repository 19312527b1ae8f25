// Arithmetic in an element's own type: integers wrap, as TensorFlow Lite's kernels define it for index ops.
#pragma once

#include <type_traits>

namespace qgraph::ops {

template <class T>
constexpr T wrapping_add(T a, T b) noexcept {
  if constexpr (std::is_same_v<T, bool>)
    return a || b;
  else if constexpr (std::is_floating_point_v<T>)
    return a + b;
  else
    return static_cast<T>(static_cast<std::make_unsigned_t<T>>(a) + static_cast<std::make_unsigned_t<T>>(b));
}

template <class T>
constexpr T wrapping_multiply(T a, T b) noexcept {
  if constexpr (std::is_floating_point_v<T>)
    return a * b;
  else
    return static_cast<T>(static_cast<std::make_unsigned_t<T>>(a) * static_cast<std::make_unsigned_t<T>>(b));
}

}  // namespace qgraph::ops
