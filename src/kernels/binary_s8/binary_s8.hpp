// Sums, differences and products of quantized bytes. Plain data only: files built for one instruction set include this.
#pragma once

#include "kernels/cpu.hpp"
#include "kernels/requantize_s8.hpp"

namespace qgraph::kernels {

/// Zero points and limits are less 128 where bytes are unsigned.
struct BinaryS8 {
  enum class Op : std::uint8_t {
    sum,                 ///< operands, 20 bits shifted in, are brought to a common scale; their sum to the result's
    difference,          ///< the same
    product,             ///< brought to the result's scale
    squared_difference,  ///< the difference, with 7 bits shifted in, is squared, and brought to the result's scale
  };
  struct Scale {
    std::int32_t multiplier = 0;
    std::int32_t right = 0, left = 0;  ///< shifts, after and before; one of them is 0
    bool half = false;                 ///< the multiplier is a half and nothing else: that of the larger scale always is
  };
  struct Operand {
    std::int32_t zero_point = 0;
    Scale scale{};          ///< of sums and differences
    std::uint8_t flip = 0;  ///< 0x80 where bytes are unsigned
  };
  Op op = Op::sum;
  Operand x{}, y{}, result{};
  std::int32_t low = 0, high = 0;
};
/// n results. A step of 0: the operand is one element for all of them.
using BinaryS8Fn = void (*)(const BinaryS8& binary, const std::uint8_t* x, int x_step, const std::uint8_t* y, int y_step,
                            std::uint8_t* out, std::int64_t n) noexcept;

struct BinaryS8Kernel {
  const char* name = nullptr;
  Cpu needs = Cpu::generic;
  BinaryS8Fn run = nullptr;
};
/// Null where the reference kernel is as good.
const BinaryS8Kernel* binary_s8(Cpu chosen) noexcept;

}  // namespace qgraph::kernels
