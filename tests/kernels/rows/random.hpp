// Random operands of the kernels' rows.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace qgraph::rows {

using Bytes = std::vector<std::uint8_t>;

struct Random {
  std::mt19937_64 engine;
  std::int64_t in(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(engine() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool one_in(int n) { return in(1, n) == 1; }
  /// With 64 bytes behind them that may be read; now and then only extreme ones.
  template <class T>
  std::vector<T> bytes(std::int64_t count) {
    const bool extreme = one_in(4);
    constexpr int limits[] = {0, 127, 128, 255};
    std::vector<T> all(static_cast<std::size_t>(count + 64));
    for (T& b : all) b = static_cast<T>(extreme ? limits[in(0, 3)] : in(0, 255));
    return all;
  }
};

}  // namespace qgraph::rows
