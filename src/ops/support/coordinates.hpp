// Walks over the elements of a shape with their coordinates, and picks the C++ type of a numeric dtype.
#pragma once

#include "ops/support/element.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {

using Coordinates = std::array<std::int64_t, max_rank>;

/// f(position in row-major order, coordinates) for every element; stops where it returns false.
template <class F>
void each_coordinate(const Shape& shape, F f) noexcept {
  Coordinates at{};
  const std::int64_t n = product(shape, 0, shape.rank());
  for (std::int64_t i = 0; i < n; ++i) {
    if (!f(i, at)) return;
    for (std::size_t d = shape.rank(); d-- > 0;) {
      if (++at[d] < shape[d]) break;
      at[d] = 0;
    }
  }
}

/// f.operator()<T>() with the element type of a numeric dtype. False: it has none.
template <class F>
bool with_number(DType dtype, F&& f) noexcept {
  const auto pick = [&]<class... T>() {
    bool found = false;
    ((storage(dtype) == dtype_of<T> ? (f.template operator()<T>(), found = true) : false), ...);
    return found;
  };
  return pick.template operator()<float, double, Float16, BFloat16, std::int8_t, std::int16_t, std::int32_t, std::int64_t,
                                  std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>();
}
inline bool is_number(DType dtype) noexcept {
  return with_number(dtype, []<class T>() {});
}

/// PrepareFn of ops whose kernel takes every numeric dtype of operand 0.
inline Result<std::shared_ptr<const void>> prepare_number(PrepareContext& c) {
  if (!is_number(c.inputs[0].type->storage()))
    return failure("QG2102", Cause::unsupported_dtype,
                   "there is no kernel for " + std::string(name(c.inputs[0].type->storage())));
  return std::shared_ptr<const void>();
}

}  // namespace qgraph::ops
