// NumPy broadcasting of N operands over an output, planned once: neighbouring dimensions that walk alike are one loop.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "qgraph/tensor.hpp"

namespace qgraph {

template <std::size_t N>
struct Broadcast {
  struct Loop {
    std::int64_t size = 1;
    std::array<std::int64_t, N> strides{};  ///< in elements; the innermost loop's are 0 or 1
  };
  std::vector<Loop> loops{};  ///< outermost first, never empty
  std::int64_t elements = 0;
};

/// Shapes are concrete, and broadcast to `output`.
template <std::size_t N>
Broadcast<N> make_broadcast(const Shape& output, const std::array<const Shape*, N>& inputs) {
  Broadcast<N> b;
  b.elements = output.elements().value_or(0);
  std::vector<typename Broadcast<N>::Loop> inner_first;
  std::array<std::int64_t, N> extent;  // elements of an operand inside the current dimension
  extent.fill(1);
  for (std::size_t back = 1; back <= output.rank(); ++back) {
    typename Broadcast<N>::Loop loop{.size = output[output.rank() - back]};
    for (std::size_t k = 0; k < N; ++k) {
      const std::size_t rank = inputs[k]->rank();
      const std::int64_t dim = back <= rank ? (*inputs[k])[rank - back] : 1;
      loop.strides[k] = dim == 1 ? 0 : extent[k];
      extent[k] *= dim;
    }
    if (loop.size == 1) continue;
    bool merge = !inner_first.empty();
    for (std::size_t k = 0; merge && k < N; ++k)
      merge = loop.strides[k] == inner_first.back().strides[k] * inner_first.back().size;
    if (merge)
      inner_first.back().size *= loop.size;
    else
      inner_first.push_back(loop);
  }
  if (inner_first.empty()) inner_first.push_back({});
  b.loops.assign(inner_first.rbegin(), inner_first.rend());
  return b;
}

namespace detail {
template <std::size_t N, class Inner>
void walk_from(const Broadcast<N>& b, std::size_t depth, std::array<std::int64_t, N> at, Inner& inner) noexcept {
  const auto& loop = b.loops[depth];
  if (depth + 1 == b.loops.size()) return inner(loop.size, at, loop.strides);
  for (std::int64_t i = 0; i < loop.size; ++i) {
    walk_from(b, depth + 1, at, inner);
    for (std::size_t k = 0; k < N; ++k) at[k] += loop.strides[k];
  }
}
}  // namespace detail

/// inner(size, first element of each operand, their strides) for each run of output elements, which follow one another.
template <std::size_t N, class Inner>
void walk(const Broadcast<N>& b, Inner inner) noexcept {
  if (b.elements > 0) detail::walk_from(b, 0, {}, inner);
}

/// out[...] = f(x[...], y[...])
template <class X, class Y, class Out, class F>
void apply(const Broadcast<2>& b, const X* x, const Y* y, Out* out, F f) noexcept {
  walk(b, [&](std::int64_t size, const std::array<std::int64_t, 2>& at, const std::array<std::int64_t, 2>& strides) {
    const X* p = x + at[0];
    const Y* q = y + at[1];
    if (strides[0] == 1 && strides[1] == 1)
      for (std::int64_t i = 0; i < size; ++i) out[i] = f(p[i], q[i]);
    else if (strides[0] == 1)
      for (std::int64_t i = 0; i < size; ++i) out[i] = f(p[i], *q);
    else if (strides[1] == 1)
      for (std::int64_t i = 0; i < size; ++i) out[i] = f(*p, q[i]);
    else
      for (std::int64_t i = 0; i < size; ++i) out[i] = f(*p, *q);
    out += size;
  });
}

}  // namespace qgraph
