// 16-bit numbers as two planes of bytes, whose products with bytes are summed apart, and what becomes of the two sums. Plain data
// only: files built for one instruction set include this.
#pragma once

#include <cstdint>

#include "kernels/cpu.hpp"

namespace qgraph::kernels {

/// x is 256 * (high - 128) + low.
using SplitS16Fn = void (*)(const std::int16_t* x, std::int64_t n, std::uint8_t* high, std::uint8_t* low) noexcept;

enum class WideRule : std::uint8_t {
  reduced,  ///< (sum * multiplier + 2^(shift - 1)) >> shift in 64 bits
  product,  ///< double(sum) * factor, half away from zero
  narrow,   ///< of 32 bits of the sum: fixed point with two roundings, `multiplier` and `shift`, which is positive to the left
};

/// Of each channel: 256 * high + low + begin, as stored numbers of 16 bits. Up to 7 numbers behind the last of an array are read.
struct FinishS16 {
  WideRule rule = WideRule::reduced;
  const std::int32_t *high = nullptr, *low = nullptr;
  const std::int64_t* begin = nullptr;
  const std::int64_t* multiplier = nullptr;
  const std::int64_t* shift = nullptr;
  const double* factor = nullptr;
  std::int64_t zero_point = 0, least = 0, most = 0;
  std::int16_t* out = nullptr;
};
using FinishS16Fn = void (*)(const FinishS16& finish, std::int64_t channels) noexcept;

struct WideS16Kernel {
  const char* name = nullptr;
  Cpu needs = Cpu::generic;
  SplitS16Fn split = nullptr;
  FinishS16Fn finish = nullptr;
};
const WideS16Kernel& wide_s16(Cpu chosen) noexcept;

}  // namespace qgraph::kernels
