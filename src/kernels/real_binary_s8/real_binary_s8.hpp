// Sums, products and the like of quantized bytes in float arithmetic, half to even: ONNX's. Plain data only: files built for one
// instruction set include this.
#pragma once

#include <cstdint>

#include "kernels/cpu.hpp"

namespace qgraph::kernels {

/// x and y are stored values as they are, less zero_x and zero_y.
struct RealBinaryS8 {
  enum class Op : std::uint8_t {
    fused_sum,       ///< x * scale_x + (y * scale_y + shift), each rounded once: ONNX Runtime's QLinearAdd
    scaled_product,  ///< x * y * scale + shift: its QLinearMul
    // (scale_x * x) op (scale_y * y) / scale, as DequantizeLinear, op and QuantizeLinear give it
    sum,
    difference,
    product,
    quotient,
    maximum,
    minimum,
  };
  Op op = Op::sum;
  float scale_x = 1, scale_y = 1, scale = 1, shift = 0;
  std::int32_t zero_x = 0, zero_y = 0;
  std::int32_t zero_out = 0;       ///< added to what was rounded
  std::int32_t low = 0, high = 0;  ///< of what was rounded, before that
  bool is_signed = false;          ///< x, y and results are int8, else uint8
};
/// n results. A step of 0: the operand is one element for all of them.
using RealBinaryS8Fn = void (*)(const RealBinaryS8& binary, const std::uint8_t* x, int x_step, const std::uint8_t* y, int y_step,
                                std::uint8_t* out, std::int64_t n) noexcept;

struct RealBinaryS8Kernel {
  const char* name = nullptr;
  Cpu needs = Cpu::generic;
  RealBinaryS8Fn run = nullptr;
};
/// Null where the reference kernel is as good.
const RealBinaryS8Kernel* real_binary_s8(Cpu chosen) noexcept;

}  // namespace qgraph::kernels
