// The larger of bytes: of two tensors, of a window, and where along a row it lies. Plain data only: files built for one
// instruction set include this.
#pragma once

#include <cstdint>

#include "kernels/cpu.hpp"

namespace qgraph::kernels {

/// What is exclusive-ored to bytes so that the one wanted is the largest unsigned: 0 for the largest of uint8, 0x80 for that of
/// int8, 0xFF and 0x7F for the smallest.
using ByteOrder = std::uint8_t;

/// n results. A step of 0: the operand is one element for all of them.
using ExtremeS8Fn = void (*)(ByteOrder order, const std::uint8_t* x, int x_step, const std::uint8_t* y, int y_step,
                             std::uint8_t* out, std::int64_t n) noexcept;

/// Windows of one size, side by side. Steps are in bytes.
struct ExtremeWindows {
  ByteOrder order = 0;
  std::uint8_t low = 0, high = 0xFF;  ///< clamp, in the order's terms
  std::int64_t depth = 0;             ///< channels, which lie together
  std::int64_t rows = 0, row_step = 0, columns = 0, column_step = 0;
  std::int64_t windows = 0, window_step = 0;
};
using ExtremeWindowsFn = void (*)(const ExtremeWindows& windows, const std::uint8_t* in, std::uint8_t* out) noexcept;

/// Of each row of `depth` bytes the position of the extreme: the first, or the last, of equal ones.
struct ExtremePlaces {
  ByteOrder order = 0;
  bool last = false, wide = false;  ///< wide: positions are int64, else int32
  std::int64_t depth = 0;
};
using ExtremePlacesFn = void (*)(const ExtremePlaces& places, const std::uint8_t* in, void* out, std::int64_t rows) noexcept;

struct ExtremeS8Kernel {
  const char* name = nullptr;
  Cpu needs = Cpu::generic;
  ExtremeS8Fn between = nullptr;
  ExtremeWindowsFn windows = nullptr;
  ExtremePlacesFn places = nullptr;
};
/// Null where the reference kernel is as good.
const ExtremeS8Kernel* extreme_s8(Cpu chosen) noexcept;

}  // namespace qgraph::kernels
