// What the instruction sets share. V: lanes of a register, and its operations. Internal linkage only.
#pragma once

#include "kernels/blocks.hpp"
#include "kernels/depthwise_f32/kernels.hpp"

namespace qgraph::kernels {
namespace {

template <class V>
void windows(const DepthwiseF32& d, const float* in, float* out) noexcept {
  using Register = typename V::Register;
  const Register low = V::all(d.low), high = V::all(d.high);
  for (std::int64_t i = 0; i < d.windows; ++i, in += d.window_step, out += d.channels)
    each_block<V::lanes>(
        d.channels, [&](std::int64_t at, std::int64_t count) __attribute__((always_inline)) {
          const auto load = [&](const float* p) __attribute__((always_inline)) {
            return count == V::lanes ? V::load(p) : V::load_part(p, count);
          };
          Register sum = V::all(0.0F);
          for (std::int64_t r = 0; r < d.rows; ++r) {
            const float *x = in + at + r * d.row_step, *w = d.weights + at + r * d.weights_row_step;
            for (std::int64_t c = 0; c < d.columns; ++c, x += d.column_step, w += d.channels)
              sum = V::add(sum, V::multiply(load(x), load(w)));
          }
          // Where an operand is not a number, or both are zeros, the second is taken: as the reference clamps.
          const Register value = V::least(high, V::most(low, V::add(sum, load(d.bias + at))));
          if (count == V::lanes)
            V::store(out + at, value);
          else
            V::store_part(out + at, value, count);
        });
}

}  // namespace
}  // namespace qgraph::kernels
