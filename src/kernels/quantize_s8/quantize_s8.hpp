// Reals to quantized bytes. Plain data only: files built for one instruction set include this.
#pragma once

#include <cstdint>

#include "kernels/cpu.hpp"

namespace qgraph::kernels {

/// round(x / scale) + zero point, clamped; not a number becomes the lowest. Limits and zero point are less 128 where the storage
/// is uint8.
struct QuantizeS8 {
  float scale = 1;
  std::int32_t zero_point = 0, low = 0, high = 0;
  std::uint8_t flip = 0;   ///< 0x80 where the storage is uint8
  bool half_even = false;  ///< else half away from zero
};
using QuantizeS8Fn = void (*)(const QuantizeS8& quantize, const float* in, std::uint8_t* out, std::int64_t n) noexcept;

struct QuantizeS8Kernel {
  const char* name = nullptr;
  Cpu needs = Cpu::generic;
  QuantizeS8Fn run = nullptr;
};
/// Null where the reference kernel is as good.
const QuantizeS8Kernel* quantize_s8(Cpu chosen) noexcept;

}  // namespace qgraph::kernels
