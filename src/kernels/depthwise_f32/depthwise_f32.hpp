// Depthwise windows of floats, each sum in the order of its taps, every product and every sum rounded. Plain data only: files
// built for one instruction set include this.
#pragma once

#include <cstdint>

#include "kernels/cpu.hpp"

namespace qgraph::kernels {

/// Windows of one size, side by side. Steps are in floats; the channels of a pixel, of a tap's weights and of a result lie
/// together.
struct DepthwiseF32 {
  std::int64_t channels = 0;
  std::int64_t rows = 0, row_step = 0, columns = 0, column_step = 0;
  std::int64_t windows = 0, window_step = 0;
  const float* weights = nullptr;  ///< of the first tap
  std::int64_t weights_row_step = 0;
  const float* bias = nullptr;  ///< added to the sum
  float low = 0, high = 0;      ///< clamp; not a number stays
};
using DepthwiseF32Fn = void (*)(const DepthwiseF32& windows, const float* in, float* out) noexcept;

struct DepthwiseF32Kernel {
  const char* name = nullptr;
  Cpu needs = Cpu::generic;
  DepthwiseF32Fn run = nullptr;
};
/// Null where the reference kernel is as good.
const DepthwiseF32Kernel* depthwise_f32(Cpu chosen) noexcept;

}  // namespace qgraph::kernels
