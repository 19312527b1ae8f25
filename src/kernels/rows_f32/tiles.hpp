// What the instruction sets share: tiles of rows and vectors whose sums stay in registers over the whole depth. V: lanes of a
// register, and its operations. Internal linkage only.
#pragma once

#include "kernels/rows_f32/kernels.hpp"

namespace qgraph::kernels {
namespace {

template <class V, int rows, int vectors>
void tile(const RowsF32& g, const float* input, std::int64_t vector, float* output) noexcept {
  using Register = typename V::Register;
  constexpr int parts = 16 / V::lanes * vectors;
  constexpr int per_vector = 16 / V::lanes;
  const std::int64_t depth = g.run_count * g.run_length;
  const float* weights = g.weights + vector * depth * 16;
  Register sums[rows][parts];
#pragma GCC unroll 16
  for (int r = 0; r < rows; ++r)
#pragma GCC unroll 4
    for (int p = 0; p < parts; ++p) sums[r][p] = V::all(0.0F);
  for (std::int64_t run = 0; run < g.run_count; ++run) {
    const float* x = input + g.runs[run];
    for (std::int64_t k = 0; k < g.run_length; ++k, weights += 16) {
      Register w[parts];
#pragma GCC unroll 4
      for (int p = 0; p < parts; ++p) w[p] = V::load(weights + p / per_vector * depth * 16 + p % per_vector * V::lanes);
#pragma GCC unroll 16
      for (int r = 0; r < rows; ++r) {
        const Register value = V::all(x[r * g.row_stride + k]);
#pragma GCC unroll 4
        for (int p = 0; p < parts; ++p) sums[r][p] = V::add(sums[r][p], V::multiply(value, w[p]));
      }
    }
  }
  const Register low = V::all(g.low), high = V::all(g.high);
#pragma GCC unroll 4
  for (int p = 0; p < parts; ++p) {
    const std::int64_t channel = vector * 16 + p * V::lanes, left = g.channels - channel;
    if (left <= 0) continue;
    const Register bias = V::load(g.bias + channel);
#pragma GCC unroll 16
    for (int r = 0; r < rows; ++r) {
      // Where an operand is not a number, or both are zeros, the second is taken: as the reference clamps.
      const Register value = V::least(high, V::most(low, V::add(sums[r][p], bias)));
      float* to = output + r * g.output_stride + channel;
      if (left >= V::lanes)
        V::store(to, value);
      else
        V::store_part(to, value, left);
    }
  }
}

template <class V>
using TileFn = void (*)(const RowsF32&, const float*, std::int64_t, float*) noexcept;

template <class V, int vectors>
void column(const RowsF32& g, std::int64_t rows, std::int64_t vector) noexcept {
  static constexpr TileFn<V> tiles[] = {tile<V, 1, vectors>, tile<V, 2, vectors>, tile<V, 3, vectors>,
                                        tile<V, 4, vectors>, tile<V, 5, vectors>, tile<V, 6, vectors>};
  constexpr std::int64_t most = V::most_rows;
  static_assert(most <= 6);
  // Evenly: seven rows are four and three.
  const std::int64_t count = (rows + most - 1) / most;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t from = rows * i / count, to = rows * (i + 1) / count;
    tiles[to - from - 1](g, g.input + from * g.row_stride, vector, g.output + from * g.output_stride);
  }
}

template <class V>
void run(const RowsF32& g, std::int64_t rows, std::int64_t first, std::int64_t last) noexcept {
  if constexpr (V::most_vectors == 4)
    for (; first + 4 <= last; first += 4) column<V, 4>(g, rows, first);
  if constexpr (V::most_vectors >= 2)
    for (; first + 2 <= last; first += 2) column<V, 2>(g, rows, first);
  for (; first < last; ++first) column<V, 1>(g, rows, first);
}

}  // namespace
}  // namespace qgraph::kernels
