// What the instruction sets share. V: lanes of a register, and its operations. Internal linkage only.
#pragma once

#include "kernels/blocks.hpp"
#include "kernels/depthwise_f32/kernels.hpp"

namespace qgraph::kernels {
namespace {

/// Windows side by side whose sums do not wait for one another, and share what is loaded of weights.
constexpr int windows_at_once = 4;

/// `count` channels of `n` windows.
template <class V, int n>
inline __attribute__((always_inline)) void some_windows(const DepthwiseF32& d, const float* in, std::int64_t at,
                                                        std::int64_t count, float* out) noexcept {
  using Register = typename V::Register;
  const auto load = [count](const float* p) __attribute__((always_inline)) {
    return count == V::lanes ? V::load(p) : V::load_part(p, count);
  };
  Register sums[n];
#pragma GCC unroll 4
  for (int k = 0; k < n; ++k) sums[k] = V::all(0.0F);
  for (std::int64_t r = 0; r < d.rows; ++r) {
    const float *x = in + at + r * d.row_step, *w = d.weights + at + r * d.weights_row_step;
    for (std::int64_t c = 0; c < d.columns; ++c, x += d.column_step, w += d.channels) {
      const Register weight = load(w);
#pragma GCC unroll 4
      for (int k = 0; k < n; ++k) sums[k] = V::add(sums[k], V::multiply(load(x + k * d.window_step), weight));
    }
  }
  const Register low = V::all(d.low), high = V::all(d.high), bias = load(d.bias + at);
#pragma GCC unroll 4
  for (int k = 0; k < n; ++k) {
    // Where an operand is not a number, or both are zeros, the second is taken: as the reference clamps.
    const Register value = V::least(high, V::most(low, V::add(sums[k], bias)));
    if (count == V::lanes)
      V::store(out + k * d.channels + at, value);
    else
      V::store_part(out + k * d.channels + at, value, count);
  }
}

/// Whole registers are told apart from parts of one here, not at every tap.
template <class V, int n>
inline void some_windows(const DepthwiseF32& d, const float* in, float* out) noexcept {
  each_block<V::lanes>(
      d.channels, [&](std::int64_t at, std::int64_t count) __attribute__((always_inline)) {
        if (count == V::lanes)
          some_windows<V, n>(d, in, at, V::lanes, out);
        else
          some_windows<V, n>(d, in, at, count, out);
      });
}

template <class V>
void windows(const DepthwiseF32& d, const float* in, float* out) noexcept {
  std::int64_t i = 0;
  for (; i + windows_at_once <= d.windows; i += windows_at_once)
    some_windows<V, windows_at_once>(d, in + i * d.window_step, out + i * d.channels);
  for (; i < d.windows; ++i) some_windows<V, 1>(d, in + i * d.window_step, out + i * d.channels);
}

}  // namespace
}  // namespace qgraph::kernels
