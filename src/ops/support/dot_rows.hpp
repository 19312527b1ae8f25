// Products of rows of int8 weights, as they are stored, with one row of int8 activations. What recurrent ops prepare begins with
// a DotPlan, so that a fast kernel may put its own function there.
#pragma once

#include <algorithm>
#include <cstdint>

namespace qgraph {

/// sums[r] = weights[r, :] * x; totals[r]: of the row's weights. Sums wrap.
using DotRowsFn = void (*)(const std::int8_t* weights, const std::int8_t* x, std::int64_t rows, std::int64_t columns,
                           std::int32_t* sums, std::int32_t* totals) noexcept;

inline void dot_rows(const std::int8_t* weights, const std::int8_t* x, std::int64_t rows, std::int64_t columns,
                     std::int32_t* sums, std::int32_t* totals) noexcept {
  for (std::int64_t r = 0; r < rows; ++r, weights += columns) {
    std::uint32_t sum = 0, total = 0;
    for (std::int64_t c = 0; c < columns; ++c) {
      sum += static_cast<std::uint32_t>(weights[c] * x[c]);
      total += static_cast<std::uint32_t>(weights[c]);
    }
    sums[r] = static_cast<std::int32_t>(sum);
    totals[r] = static_cast<std::int32_t>(total);
  }
}

/// The first member of what is prepared.
struct DotPlan {
  DotRowsFn dot = dot_rows;
};

/// f(row, sum, the sum of its weights)
template <class F>
void each_dot(DotRowsFn dot, const std::int8_t* weights, const std::int8_t* x, std::int64_t rows, std::int64_t columns,
              const F& f) noexcept {
  constexpr std::int64_t at_once = 32;
  std::int32_t sums[at_once], totals[at_once];
  for (std::int64_t first = 0; first < rows; first += at_once) {
    const std::int64_t n = std::min(at_once, rows - first);
    dot(weights + first * columns, x, n, columns, sums, totals);
    for (std::int64_t r = 0; r < n; ++r) f(first + r, sums[r], totals[r]);
  }
}

}  // namespace qgraph
