// What the instruction sets share. V is a register of int32 and one of as many floats: load (bytes of either sign), store (their
// low bytes), arithmetic. Internal linkage only.
#pragma once

#include "kernels/average_s8/kernels.hpp"
#include "kernels/blocks.hpp"

namespace qgraph::kernels {
namespace {

/// The sum over a window of what `term` makes of its bytes, which `add` adds to what there is.
template <class V, bool is_signed, class Sum, class Term, class Add>
inline __attribute__((always_inline)) Sum over_window(const AverageWindows& w, const std::uint8_t* in, std::int64_t count,
                                                      Sum sum, const Term& term, const Add& add) noexcept {
  for (std::int64_t r = 0; r < w.rows; ++r, in += w.row_step) {
    const std::uint8_t* tap = in;
    for (std::int64_t c = 0; c < w.columns; ++c, tap += w.column_step)
      sum = add(sum, term(V::template load<is_signed>(tap, count)));
  }
  return sum;
}

/// f(first channel, count): an output register of each block of channels of each window.
template <class V, class F>
inline __attribute__((always_inline)) void each_window(const AverageWindows& w, std::uint8_t* out, const F& f) noexcept {
  for (std::int64_t i = 0; i < w.windows; ++i, out += w.depth)
    each_block<V::lanes>(
        w.depth, [&](std::int64_t at, std::int64_t count)
                     __attribute__((always_inline)) { V::store(out + at, f(i * w.window_step + at, count), count); });
}

template <class V, bool is_signed>
inline __attribute__((always_inline)) auto integer_sum(const AverageWindows& w, const std::uint8_t* in, std::int64_t count,
                                                       std::int32_t first) noexcept {
  return over_window<V, is_signed>(
      w, in, count, V::all(first), [](auto x) __attribute__((always_inline)) { return x; },
      [](auto sum, auto x) __attribute__((always_inline)) { return V::add(sum, x); });
}

template <class V, bool is_signed>
void average_stored(const AverageWindows& w, const std::uint8_t* in, std::uint8_t* out) noexcept {
  const auto half = V::all(w.divisor / 2), low = V::all(w.low), high = V::all(w.high);
  const auto divisor = V::all(static_cast<float>(w.divisor));
  each_window<V>(
      w, out, [&](std::int64_t at, std::int64_t count) __attribute__((always_inline)) {
        const auto sum = integer_sum<V, is_signed>(w, in + at, count, w.added);
        // Quotients of integers below 2^24 never round up to the next integer.
        const auto mean = V::truncated(V::divide(V::to_float(V::add(sum, V::with_sign(half, sum))), divisor));
        return V::least(V::most(mean, low), high);
      });
}

template <class V, bool is_signed>
void average_real(const AverageWindows& w, const std::uint8_t* in, std::uint8_t* out) noexcept {
  const auto zero = V::all(w.zero), behind = V::all(w.behind);
  const auto scale = V::all(w.scale), divisor = V::all(w.float_divisor), factor = V::all(w.factor),
             out_scale = V::all(w.out_scale);
  const auto before = V::all(w.before), least = V::all(w.least), most = V::all(w.most);
  const auto term = [&](auto x) __attribute__((always_inline)) { return V::multiply(scale, V::to_float(V::subtract(x, zero))); };
  const auto add = [](auto sum, auto x) __attribute__((always_inline)) { return V::add(sum, x); };
  const std::int32_t zeros = static_cast<std::int32_t>(w.rows * w.columns) * w.zero;
  each_window<V>(
      w, out, [&](std::int64_t at, std::int64_t count) __attribute__((always_inline)) {
        auto real = V::all(0.0F);
        if (w.factor != 0) {
          real = V::multiply(V::to_float(integer_sum<V, is_signed>(w, in + at, count, -zeros)), factor);
        } else if (w.columns_first) {
          AverageWindows column = w;
          column.columns = 1;
          for (std::int64_t c = 0; c < w.columns; ++c)
            real = V::add(real, over_window<V, is_signed>(column, in + at + c * w.column_step, count, V::all(0.0F), term, add));
          real = V::divide(real, divisor);
        } else {
          real = V::divide(over_window<V, is_signed>(w, in + at, count, real, term, add), divisor);
        }
        // What is not a number becomes the least.
        const auto q = V::least(V::most(V::add(V::divide(real, out_scale), before), least), most);
        return V::add(V::nearest(q), behind);
      });
}

template <class V>
void average_stored(const AverageWindows& w, const std::uint8_t* in, std::uint8_t* out) noexcept {
  w.is_signed ? average_stored<V, true>(w, in, out) : average_stored<V, false>(w, in, out);
}
template <class V>
void average_real(const AverageWindows& w, const std::uint8_t* in, std::uint8_t* out) noexcept {
  w.is_signed ? average_real<V, true>(w, in, out) : average_real<V, false>(w, in, out);
}

}  // namespace
}  // namespace qgraph::kernels
