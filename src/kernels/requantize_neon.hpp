// The requantization rules on 4 sums, and dot products of bytes, for files built for AArch64. Everything here has internal
// linkage.
#pragma once

#include <arm_neon.h>

#include "kernels/requantize_s8.hpp"

namespace qgraph::kernels {
namespace {

inline int32x2_t half_away2(int32x2_t sum, float64x2_t factor, float64x2_t low, float64x2_t high) noexcept {
  const float64x2_t x = vmulq_f64(vcvtq_f64_s64(vmovl_s32(sum)), factor);
  return vmovn_s64(vcvtaq_s64_f64(vminnmq_f64(vmaxnmq_f64(x, low), high)));  // not a number becomes `low`
}

/// Channels c to c + 3; not clamped yet.
inline int32x4_t requantize4(const Requantize& q, std::int64_t c, int32x4_t sum) noexcept {
  const int32x4_t zero_point = vdupq_n_s32(q.zero_point);
  switch (q.rule) {
    case Rule::fixed_above_zero: {
      const int32x4_t m = vld1q_s32(q.multiplier + c);
      const std::int64_t* addend = q.addend + c / 16 * 16 + c % 16 / 2;
      const int64x2_t even = vld1q_s64(addend), odd = vld1q_s64(addend + 8);
      const int64x2_t low = vmlal_s32(vzip1q_s64(even, odd), vget_low_s32(sum), vget_low_s32(m));
      const int64x2_t high = vmlal_high_s32(vzip2q_s64(even, odd), sum, m);
      const int32x4_t upper = vuzp2q_s32(vreinterpretq_s32_s64(low), vreinterpretq_s32_s64(high));
      return vshlq_s32(upper, vnegq_s32(vld1q_s32(q.shift + c)));
    }
    case Rule::fixed: {
      const int32x4_t high = vqrdmulhq_s32(sum, vld1q_s32(q.multiplier + c));
      const int32x4_t shifted = vshlq_s32(vsraq_n_s32(high, high, 31), vnegq_s32(vld1q_s32(q.shift + c)));
      return vaddq_s32(vshrq_n_s32(vaddq_s32(shifted, vdupq_n_s32(1)), 1), zero_point);
    }
    case Rule::fixed_any: {
      const int32x4_t one = vld1q_s32(q.shifted + c);
      const int32x4_t high = vqrdmulhq_s32(vshlq_s32(sum, vld1q_s32(q.left + c)), vld1q_s32(q.multiplier + c));
      const int32x4_t below = vandq_s32(vshrq_n_s32(high, 31), vnegq_s32(one));
      const int32x4_t shifted = vshlq_s32(vaddq_s32(high, below), vnegq_s32(vld1q_s32(q.shift + c)));
      int32x4_t value = vshlq_s32(vaddq_s32(shifted, one), vnegq_s32(one));
      value = vminq_s32(value, vdupq_n_s32(q.high - q.zero_point));
      return vaddq_s32(vmaxq_s32(value, vdupq_n_s32(q.low - q.zero_point)), zero_point);  // the sum might not fit before
    }
    case Rule::double_product: {
      const float64x2_t low = vdupq_n_f64(q.low - q.zero_point), high = vdupq_n_f64(q.high - q.zero_point);
      const int32x2_t a = half_away2(vget_low_s32(sum), vld1q_f64(q.factor + c), low, high);
      const int32x2_t b = half_away2(vget_high_s32(sum), vld1q_f64(q.factor + c + 2), low, high);
      return vaddq_s32(vcombine_s32(a, b), zero_point);
    }
    case Rule::sums: return sum;
    case Rule::nearest_even: break;
  }
  const float32x4_t low = vdupq_n_f32(static_cast<float>(q.low - q.zero_point)),
                    high = vdupq_n_f32(static_cast<float>(q.high - q.zero_point));
  float32x4_t x = vmulq_f32(vcvtq_f32_s32(sum), vld1q_f32(q.scale + c));
  if (q.added) x = vaddq_f32(x, vld1q_f32(q.added + c));
  return vaddq_s32(vcvtnq_s32_f32(vminnmq_f32(vmaxnmq_f32(x, low), high)), zero_point);
}

/// 16 results as bytes: clamped, and the sign bit as the storage has it.
inline uint8x16_t bytes16(int32x4_t a, int32x4_t b, int32x4_t c, int32x4_t d, std::int32_t low, std::int32_t high,
                          std::uint8_t flip) noexcept {
  const int16x8_t first = vcombine_s16(vqmovn_s32(a), vqmovn_s32(b)), second = vcombine_s16(vqmovn_s32(c), vqmovn_s32(d));
  const int8x16_t bytes = vcombine_s8(vqmovn_s16(first), vqmovn_s16(second));
  const int8x16_t most = vdupq_n_s8(static_cast<std::int8_t>(high)), least = vdupq_n_s8(static_cast<std::int8_t>(low));
  return veorq_u8(vreinterpretq_u8_s8(vmaxq_s8(vminq_s8(bytes, most), least)), vdupq_n_u8(flip));
}

/// The first `count` of 16 bytes.
inline void store_bytes(std::uint8_t* to, uint8x16_t bytes, std::int64_t count) noexcept {
  if (count >= 16) return vst1q_u8(to, bytes);
  std::uint8_t kept[16];
  vst1q_u8(kept, bytes);
  __builtin_memcpy(to, kept, static_cast<std::size_t>(count));
}

/// The first `count` of 16 sums.
inline void store_sums16(std::uint8_t* to, const int32x4_t* sums, std::int64_t count) noexcept {
  std::int32_t kept[16];
  for (int j = 0; j < 4; ++j) vst1q_s32(kept + 4 * j, sums[j]);
  __builtin_memcpy(to, kept, static_cast<std::size_t>(count >= 16 ? 64 : 4 * count));
}

/// Sums of 4 channels that take in products of four signed bytes each.
#if defined(__ARM_FEATURE_DOTPROD)
struct Dots {
  int32x4_t sums = vdupq_n_s32(0);
  __attribute__((always_inline)) void add(int8x16_t x, int8x16_t w) noexcept { sums = vdotq_s32(sums, x, w); }
  __attribute__((always_inline)) int32x4_t total() const noexcept { return sums; }
};
#else
/// Pairs of products would not fit 16 bits where all factors are -128: each product is widened on its own.
struct Dots {
  int32x4_t low = vdupq_n_s32(0), high = vdupq_n_s32(0);
  __attribute__((always_inline)) void add(int8x16_t x, int8x16_t w) noexcept {
    low = vpadalq_s16(low, vmull_s8(vget_low_s8(x), vget_low_s8(w)));
    high = vpadalq_s16(high, vmull_high_s8(x, w));
  }
  __attribute__((always_inline)) int32x4_t total() const noexcept { return vpaddq_s32(low, high); }
};
#endif

}  // namespace
}  // namespace qgraph::kernels
