// The float sides of products of bytes whose left side is quantized on the fly: the range of a row of reals, its bytes, and sums
// that become reals. Plain data only: files built for one instruction set include this.
#pragma once

#include <cstdint>

#include "kernels/cpu.hpp"

namespace qgraph::kernels {

/// Of reals; `ordered`: none of them is not a number.
struct RangeF32 {
  float low = 0, high = 0;
  bool ordered = true;
};
using RangeF32Fn = RangeF32 (*)(const float* values, std::int64_t n) noexcept;  ///< n at least 1

/// offset + x * inverse, where that product is rounded by truncating it +- 0.5; clamped to [low, 127], sign bit flipped.
struct StoreF32 {
  float inverse = 1, offset = 0, low = -128;
};
using StoreF32Fn = void (*)(const StoreF32& store, const float* values, std::int64_t n, std::uint8_t* out) noexcept;

/// One row of sums of bytes 128 too large: sum - taken * weight_sum, times scales, plus bias, clamped. Up to 15 numbers behind
/// the last of each array are read.
struct FinishF32 {
  const std::int32_t* sums = nullptr;
  const std::int32_t* weight_sums = nullptr;  ///< of each channel
  const float* scales = nullptr;              ///< of weights
  const float* bias = nullptr;                ///< null: none
  std::int32_t taken = 0;
  float zero_point = 0;  ///< in_float: what is taken off in float arithmetic, times weight_sum
  float scale = 1;       ///< of the left side
  float low = 0, high = 0;
  bool in_turn = false;   ///< sum * weights' scale * scale, not sum * (weights' scale * scale)
  bool in_float = false;  ///< and the result is an integer again
  bool adds = false;      ///< to what is in `out`: sum * weights' scale, and that is all
  float* out = nullptr;
  std::int32_t* integers = nullptr;  ///< not null: sum - taken * weight_sum goes here, and that is all
};
using FinishF32Fn = void (*)(const FinishF32& finish, std::int64_t channels) noexcept;

/// Of weights with scales for blocks: x = (x - zero_point * weight_sums) * scale + bias, clamped. Up to 15 numbers behind the
/// last of each array but x are read.
struct SettleF32 {
  const float* weight_sums = nullptr;
  const float* bias = nullptr;  ///< null: none
  float zero_point = 0, scale = 1, low = 0, high = 0;
};
using SettleF32Fn = void (*)(const SettleF32& settle, std::int64_t channels, float* x) noexcept;

struct HybridF32Kernel {
  const char* name = nullptr;
  Cpu needs = Cpu::generic;
  RangeF32Fn range = nullptr;
  StoreF32Fn store = nullptr;
  FinishF32Fn finish = nullptr;
  SettleF32Fn settle = nullptr;
};
const HybridF32Kernel& hybrid_f32(Cpu chosen) noexcept;

}  // namespace qgraph::kernels
