// What the instruction sets share. V is a register of floats; larger(a, b) is a where a > b, else b, smaller likewise.
// Internal linkage only.
#pragma once

#include <limits>

#include "kernels/blocks.hpp"
#include "kernels/windows_f32/kernels.hpp"

namespace qgraph::kernels {
namespace {

template <class V, class Step>
inline __attribute__((always_inline)) typename V::Register over_window(const FloatWindows& w, std::int64_t columns,
                                                                       const float* in, std::int64_t count,
                                                                       typename V::Register value, const Step& step) noexcept {
  for (std::int64_t r = 0; r < w.rows; ++r, in += w.row_step) {
    const float* tap = in;
    for (std::int64_t c = 0; c < columns; ++c, tap += w.column_step)
      value = step(value, count == V::lanes ? V::load(tap) : V::load_part(tap, count));
  }
  return value;
}

/// f(first channel, count): an output register of each block of channels of each window. Clamped.
template <class V, class F>
inline __attribute__((always_inline)) void each_window(const FloatWindows& w, float* out, const F& f) noexcept {
  const auto low = V::all(w.low), high = V::all(w.high);
  for (std::int64_t i = 0; i < w.windows; ++i, out += w.depth)
    each_block<V::lanes>(
        w.depth, [&](std::int64_t at, std::int64_t count) __attribute__((always_inline)) {
          const auto value = V::smaller(high, V::larger(low, f(i * w.window_step + at, count)));
          if (count == V::lanes)
            V::store(out + at, value);
          else
            V::store_part(out + at, value, count);
        });
}

template <class V>
void mean_windows(const FloatWindows& w, const float* in, float* out) noexcept {
  const auto divisor = V::all(w.divisor), none = V::all(0.0F);
  const auto add = [](auto sum, auto x) __attribute__((always_inline)) { return V::add(sum, x); };
  each_window<V>(
      w, out, [&](std::int64_t at, std::int64_t count) __attribute__((always_inline)) {
        if (!w.columns_first) return V::divide(over_window<V>(w, w.columns, in + at, count, none, add), divisor);
        auto sum = none;
        for (std::int64_t c = 0; c < w.columns; ++c)
          sum = V::add(sum, over_window<V>(w, 1, in + at + c * w.column_step, count, none, add));
        return V::divide(sum, divisor);
      });
}

template <class V>
void most_windows(const FloatWindows& w, const float* in, float* out) noexcept {
  const auto least = V::all(std::numeric_limits<float>::lowest());
  each_window<V>(
      w, out, [&](std::int64_t at, std::int64_t count) __attribute__((always_inline)) {
        return over_window<V>(
            w, w.columns, in + at, count, least,
            [](auto most, auto x) __attribute__((always_inline)) { return V::larger(x, most); });
      });
}

}  // namespace
}  // namespace qgraph::kernels
