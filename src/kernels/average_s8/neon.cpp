// 8 channels at a time, as two registers. Intrinsics and internal linkage only.
#include <arm_neon.h>

#include "kernels/average_s8/lines.hpp"

namespace qgraph::kernels {
namespace {

struct Eight {
  static constexpr int lanes = 8;
  using Integers = int32x4x2_t;
  using Floats = float32x4x2_t;
  static Integers all(std::int32_t x) noexcept { return {{vdupq_n_s32(x), vdupq_n_s32(x)}}; }
  static Floats all(float x) noexcept { return {{vdupq_n_f32(x), vdupq_n_f32(x)}}; }
  template <bool is_signed>
  static Integers load(const std::uint8_t* p, std::int64_t n) noexcept {
    std::uint64_t word = 0;
    if (n == lanes)
      __builtin_memcpy(&word, p, 8);
    else
      __builtin_memcpy(&word, p, static_cast<std::size_t>(n));
    const uint8x8_t bytes = vcreate_u8(word);
    const int16x8_t words = is_signed ? vmovl_s8(vreinterpret_s8_u8(bytes)) : vreinterpretq_s16_u16(vmovl_u8(bytes));
    return {{vmovl_s16(vget_low_s16(words)), vmovl_s16(vget_high_s16(words))}};
  }
  static void store(std::uint8_t* p, Integers v, std::int64_t n) noexcept {
    const int16x8_t words = vcombine_s16(vmovn_s32(v.val[0]), vmovn_s32(v.val[1]));
    const std::uint64_t bytes = vget_lane_u64(vreinterpret_u64_s8(vmovn_s16(words)), 0);
    __builtin_memcpy(p, &bytes, n == lanes ? std::size_t{8} : static_cast<std::size_t>(n));
  }
  static Integers add(Integers a, Integers b) noexcept {
    return {{vaddq_s32(a.val[0], b.val[0]), vaddq_s32(a.val[1], b.val[1])}};
  }
  static Floats add(Floats a, Floats b) noexcept { return {{vaddq_f32(a.val[0], b.val[0]), vaddq_f32(a.val[1], b.val[1])}}; }
  static Integers subtract(Integers a, Integers b) noexcept {
    return {{vsubq_s32(a.val[0], b.val[0]), vsubq_s32(a.val[1], b.val[1])}};
  }
  static Floats multiply(Floats a, Floats b) noexcept { return {{vmulq_f32(a.val[0], b.val[0]), vmulq_f32(a.val[1], b.val[1])}}; }
  static Floats divide(Floats a, Floats b) noexcept { return {{vdivq_f32(a.val[0], b.val[0]), vdivq_f32(a.val[1], b.val[1])}}; }
  static Integers least(Integers a, Integers b) noexcept {
    return {{vminq_s32(a.val[0], b.val[0]), vminq_s32(a.val[1], b.val[1])}};
  }
  static Integers most(Integers a, Integers b) noexcept {
    return {{vmaxq_s32(a.val[0], b.val[0]), vmaxq_s32(a.val[1], b.val[1])}};
  }
  static Floats least(Floats a, Floats b) noexcept {
    return {{vminnmq_f32(a.val[0], b.val[0]), vminnmq_f32(a.val[1], b.val[1])}};
  }
  static Floats most(Floats a, Floats b) noexcept { return {{vmaxnmq_f32(a.val[0], b.val[0]), vmaxnmq_f32(a.val[1], b.val[1])}}; }
  static Floats to_float(Integers v) noexcept { return {{vcvtq_f32_s32(v.val[0]), vcvtq_f32_s32(v.val[1])}}; }
  static Integers truncated(Floats v) noexcept { return {{vcvtq_s32_f32(v.val[0]), vcvtq_s32_f32(v.val[1])}}; }
  static Integers nearest(Floats v) noexcept { return {{vcvtnq_s32_f32(v.val[0]), vcvtnq_s32_f32(v.val[1])}}; }
  static int32x4_t with_sign(int32x4_t v, int32x4_t sign) noexcept {
    const int32x4_t below = vshrq_n_s32(sign, 31);
    return vsubq_s32(veorq_s32(v, below), below);
  }
  static Integers with_sign(Integers v, Integers sign) noexcept {
    return {{with_sign(v.val[0], sign.val[0]), with_sign(v.val[1], sign.val[1])}};
  }
};

}  // namespace

constexpr AverageS8Kernel average_s8_neon{"neon", Cpu::neon, average_stored<Eight>, average_real<Eight>};

}  // namespace qgraph::kernels
