// Sums and differences of quantized bytes of the same shape: both operands are brought to a common scale, then to the result's.
// Plain data only: files built for one instruction set include this.
#pragma once

#include "kernels/cpu.hpp"
#include "kernels/requantize_s8.hpp"

namespace qgraph::kernels {

/// 20 bits are shifted in before the operands' multipliers. Zero points and limits are less 128 where the storage is uint8.
struct SumS8 {
  struct Operand {
    std::int32_t zero_point = 0;
    std::int32_t multiplier = 0;
    std::int32_t shift = 0;  ///< to the right, less one
    bool halves = false;     ///< the multiplier is a half: the larger scale's always is
  };
  Operand x{}, y{}, result{};
  std::int32_t low = 0, high = 0;
  std::uint8_t flip = 0;  ///< 0x80 where the storage is uint8
  bool subtracts = false;
};
using SumS8Fn = void (*)(const SumS8& sum, const std::uint8_t* x, const std::uint8_t* y, std::uint8_t* out, std::int64_t n) noexcept;

struct SumS8Kernel {
  const char* name = nullptr;
  Cpu needs = Cpu::generic;
  SumS8Fn run = nullptr;
};
/// Null where the reference kernel is as good.
const SumS8Kernel* sum_s8(Cpu chosen) noexcept;

}  // namespace qgraph::kernels
