// What the instruction sets share. V is a vector of bytes: size, all, load, load_part, store, store_part, flip, larger,
// smaller, largest (of all lanes), equal (a mask). Bytes that are not loaded are 0 after the flip: below all others.
// Internal linkage only.
#pragma once

#include "kernels/blocks.hpp"
#include "kernels/extreme_s8/kernels.hpp"

namespace qgraph::kernels {
namespace {

template <class V>
inline __attribute__((always_inline)) typename V::Register loaded(const std::uint8_t* p, std::int64_t count,
                                                                  typename V::Register order) noexcept {
  return count == V::size ? V::flip(V::load(p), order) : V::load_part(p, count, order);
}
template <class V>
inline __attribute__((always_inline)) void stored(std::uint8_t* p, std::int64_t count, typename V::Register value) noexcept {
  if (count == V::size)
    V::store(p, value);
  else
    V::store_part(p, count, value);
}

template <class V>
void between(ByteOrder order, const std::uint8_t* x, int x_step, const std::uint8_t* y, int y_step, std::uint8_t* out,
             std::int64_t n) noexcept {
  const auto flip = V::all(order);
  const auto one = V::flip(V::all(x_step == 0 ? *x : *y), flip);
  const std::uint8_t* many = x_step == 0 ? y : x;
  if (x_step != 0 && y_step != 0)
    each_block<V::size>(
        n, [&](std::int64_t i, std::int64_t count) __attribute__((always_inline)) {
          stored<V>(out + i, count, V::flip(V::larger(loaded<V>(x + i, count, flip), loaded<V>(y + i, count, flip)), flip));
        });
  else if (x_step != 0 || y_step != 0)
    each_block<V::size>(
        n, [&](std::int64_t i, std::int64_t count) __attribute__((always_inline)) {
          stored<V>(out + i, count, V::flip(V::larger(loaded<V>(many + i, count, flip), one), flip));
        });
  else
    for (std::int64_t i = 0; i < n; ++i) out[i] = (*x ^ order) > (*y ^ order) ? *x : *y;
}

template <class V>
void windows(const ExtremeWindows& w, const std::uint8_t* in, std::uint8_t* out) noexcept {
  const auto flip = V::all(w.order), low = V::all(w.low), high = V::all(w.high);
  for (std::int64_t i = 0; i < w.windows; ++i, in += w.window_step, out += w.depth)
    each_block<V::size>(
        w.depth, [&](std::int64_t at, std::int64_t count) __attribute__((always_inline)) {
          auto most = V::all(0);
          const std::uint8_t* row = in + at;
          for (std::int64_t r = 0; r < w.rows; ++r, row += w.row_step) {
            const std::uint8_t* tap = row;
            for (std::int64_t c = 0; c < w.columns; ++c, tap += w.column_step)
              most = V::larger(most, loaded<V>(tap, count, flip));
          }
          stored<V>(out + at, count, V::flip(V::smaller(V::larger(most, low), high), flip));
        });
}

template <class V, class Position>
void find_places(const ExtremePlaces& p, const std::uint8_t* in, Position* out, std::int64_t rows) noexcept {
  const auto flip = V::all(p.order);
  const auto position = [&](std::int64_t at, std::int64_t count, std::uint64_t equal) __attribute__((always_inline)) {
    if (count < 64) equal &= (std::uint64_t{1} << count) - 1;
    return equal == 0 ? std::int64_t{-1} : at + (p.last ? 63 - __builtin_clzll(equal) : __builtin_ctzll(equal));
  };
  for (std::int64_t r = 0; r < rows; ++r, in += p.depth) {
    if (p.depth <= V::size) {
      const auto bytes = loaded<V>(in, p.depth, flip);
      out[r] = static_cast<Position>(position(0, p.depth, V::equal(bytes, V::all(V::largest(bytes)))));
      continue;
    }
    auto most = V::all(0);
    each_block<V::size>(
        p.depth, [&](std::int64_t at, std::int64_t count)
                     __attribute__((always_inline)) { most = V::larger(most, loaded<V>(in + at, count, flip)); });
    const auto wanted = V::all(V::largest(most));
    std::int64_t found = -1;
    each_block<V::size>(
        p.depth, [&](std::int64_t at, std::int64_t count) __attribute__((always_inline)) {
          if (found >= 0 && !p.last) return;
          const std::int64_t here = position(at, count, V::equal(loaded<V>(in + at, count, flip), wanted));
          found = here > found ? here : found;
        });
    out[r] = static_cast<Position>(found);
  }
}

template <class V>
void places(const ExtremePlaces& p, const std::uint8_t* in, void* out, std::int64_t rows) noexcept {
  if (p.wide)
    find_places<V>(p, in, static_cast<std::int64_t*>(out), rows);
  else
    find_places<V>(p, in, static_cast<std::int32_t*>(out), rows);
}

}  // namespace
}  // namespace qgraph::kernels
