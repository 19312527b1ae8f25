// Means of windows of bytes: of what is stored, or of the reals, quantized again. Plain data only: files built for one
// instruction set include this.
#pragma once

#include <cstdint>

#include "kernels/cpu.hpp"

namespace qgraph::kernels {

/// Windows of one size, side by side. Steps are in bytes.
struct AverageWindows {
  bool is_signed = false;
  bool columns_first = false;  ///< floats: the columns of a window are added up, and then these
  std::int64_t depth = 0;      ///< channels, which lie together
  std::int64_t rows = 0, row_step = 0, columns = 0, column_step = 0;
  std::int64_t windows = 0, window_step = 0;

  /// stored: (sum + added) / divisor, half away from zero, clamped. |sum + added| + divisor / 2 is below 2^24.
  std::int32_t added = 0, divisor = 1, low = 0, high = 0;

  /// real: the sum of scale * (x - zero), over float_divisor; with `factor` not 0 the sum of x - zero times that. Over out_scale,
  /// plus before, clamped to [least, most], half to even, plus behind.
  std::int32_t zero = 0, behind = 0;
  float scale = 1, float_divisor = 1, factor = 0, out_scale = 1, before = 0, least = 0, most = 0;
};
using AverageWindowsFn = void (*)(const AverageWindows& windows, const std::uint8_t* in, std::uint8_t* out) noexcept;

struct AverageS8Kernel {
  const char* name = nullptr;
  Cpu needs = Cpu::generic;
  AverageWindowsFn stored = nullptr;
  AverageWindowsFn real = nullptr;
};
/// Null where the reference kernel is as good.
const AverageS8Kernel* average_s8(Cpu chosen) noexcept;

}  // namespace qgraph::kernels
