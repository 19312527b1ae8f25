// Going through a row in blocks of a vector. For files built for one instruction set: internal linkage only.
#pragma once

#include <cstdint>

namespace qgraph::kernels {
namespace {

/// f(offset, count) over n elements: whole blocks, of which the last may overlap the one before; one part where n is less than a
/// block. For loops that may do an element twice.
template <int size, class F>
inline __attribute__((always_inline)) void each_block(std::int64_t n, const F& f) noexcept {
  if (n < size) {
    if (n > 0) f(std::int64_t{0}, n);
    return;
  }
  std::int64_t i = 0;
  for (; i + size <= n; i += size) f(i, std::int64_t{size});
  if (i < n) f(n - size, std::int64_t{size});
}

}  // namespace
}  // namespace qgraph::kernels
