// Means and maxima of windows of floats. Plain data only: files built for one instruction set include this.
#pragma once

#include <cstdint>

#include "kernels/cpu.hpp"

namespace qgraph::kernels {

/// Windows of one size, side by side. Steps are in elements. Sums go row by row, or column by column of sums.
struct FloatWindows {
  bool columns_first = false;
  std::int64_t depth = 0;  ///< channels, which lie together
  std::int64_t rows = 0, row_step = 0, columns = 0, column_step = 0;
  std::int64_t windows = 0, window_step = 0;
  float divisor = 1, low = 0, high = 0;  ///< what is not a number passes the clamp
};
using FloatWindowsFn = void (*)(const FloatWindows& windows, const float* in, float* out) noexcept;

struct WindowsF32Kernel {
  const char* name = nullptr;
  Cpu needs = Cpu::generic;
  FloatWindowsFn mean = nullptr;
  FloatWindowsFn most = nullptr;
};
/// Null where the reference kernel is as good.
const WindowsF32Kernel* windows_f32(Cpu chosen) noexcept;

}  // namespace qgraph::kernels
