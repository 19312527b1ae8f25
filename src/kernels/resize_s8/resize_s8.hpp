// Bilinear interpolation of bytes, a line of the result at a time. Plain data only: files built for one instruction set
// include this.
#pragma once

#include <cstdint>

#include "kernels/cpu.hpp"

namespace qgraph::kernels {

/// A line of the result lies between two of the input. Weights of uint8 are floats, those of int8 integers: 1024 is one.
template <class Weight>
struct ResizeLine {
  const std::int32_t *left = nullptr, *right = nullptr;  ///< of each column: first element in a line of the input
  const Weight *rest = nullptr, *fraction = nullptr;     ///< weights of left and right
  std::int64_t columns = 0, depth = 0, elements = 0;     ///< elements: of a line of the input
};
/// `rest` and `fraction` weigh top and bottom. `work`: of floats 2 * elements, of integers as many as elements, and 64 bytes
/// more.
using ResizeU8Fn = void (*)(const ResizeLine<float>& line, const std::uint8_t* top, const std::uint8_t* bottom, float rest,
                            float fraction, float* work, std::uint8_t* out) noexcept;
using ResizeS8Fn = void (*)(const ResizeLine<std::int32_t>& line, const std::int8_t* top, const std::int8_t* bottom,
                            std::int32_t rest, std::int32_t fraction, std::int32_t* work, std::int8_t* out) noexcept;

struct ResizeKernel {
  const char* name = nullptr;
  Cpu needs = Cpu::generic;
  ResizeU8Fn run_u8 = nullptr;
  ResizeS8Fn run_s8 = nullptr;
};
/// Null where the reference kernel is as good.
const ResizeKernel* resize_s8(Cpu chosen) noexcept;

}  // namespace qgraph::kernels
