// 16 elements at a time. Intrinsics and internal linkage only.
#include "kernels/binary_s8/kernels.hpp"
#include "kernels/requantize_neon.hpp"

namespace qgraph::kernels {
namespace {

using Op = BinaryS8::Op;

/// Fixed point with two roundings.
inline int32x4_t rescaled(int32x4_t x, const BinaryS8::Scale& s) noexcept {
  const int32x4_t high = vqrdmulhq_s32(vshlq_s32(x, vdupq_n_s32(s.left)), vdupq_n_s32(s.multiplier));
  if (s.right == 0) return high;
  const int32x4_t shifted = vshlq_s32(vsraq_n_s32(high, high, 31), vdupq_n_s32(1 - s.right));
  return vshrq_n_s32(vaddq_s32(shifted, vdupq_n_s32(1)), 1);
}

template <int bits = 20>
inline int32x4_t scaled(int32x4_t x, const BinaryS8::Scale& s) noexcept {
  return s.half ? vshlq_n_s32(x, bits - 1) : rescaled(vshlq_n_s32(x, bits), s);
}

inline int32x4_t four(const BinaryS8& b, int16x4_t x, int16x4_t y) noexcept {
  const int32x4_t first = vsubq_s32(vmovl_s16(x), vdupq_n_s32(b.x.zero_point));
  const int32x4_t second = vsubq_s32(vmovl_s16(y), vdupq_n_s32(b.y.zero_point));
  int32x4_t both;
  switch (b.op) {
    case Op::sum: both = vaddq_s32(scaled(first, b.x.scale), scaled(second, b.y.scale)); break;
    case Op::difference: both = vsubq_s32(scaled(first, b.x.scale), scaled(second, b.y.scale)); break;
    case Op::squared_difference:
      both = vsubq_s32(scaled<7>(first, b.x.scale), scaled<7>(second, b.y.scale));
      both = vmulq_s32(both, both);
      break;
    default: both = vmulq_s32(first, second);
  }
  const int32x4_t most = vdupq_n_s32(b.high - b.result.zero_point), least = vdupq_n_s32(b.low - b.result.zero_point);
  return vaddq_s32(vmaxq_s32(vminq_s32(rescaled(both, b.result.scale), most), least), vdupq_n_s32(b.result.zero_point));
}

/// As int8.
inline int8x16_t load(const std::uint8_t* p, int step, std::int64_t i, std::int64_t n, std::uint8_t flip) noexcept {
  uint8x16_t bytes;
  if (step == 0) {
    bytes = vdupq_n_u8(*p);
  } else if (n >= 16) {
    bytes = vld1q_u8(p + i);
  } else {
    std::uint8_t rest[16] = {};
    __builtin_memcpy(rest, p + i, static_cast<std::size_t>(n));
    bytes = vld1q_u8(rest);
  }
  return vreinterpretq_s8_u8(veorq_u8(bytes, vdupq_n_u8(flip)));
}

}  // namespace

void binary_s8_neon(const BinaryS8& b, const std::uint8_t* x, int x_step, const std::uint8_t* y, int y_step, std::uint8_t* out,
                    std::int64_t n) noexcept {
  for (std::int64_t i = 0; i < n; i += 16) {
    const int8x16_t first = load(x, x_step, i, n - i, b.x.flip), second = load(y, y_step, i, n - i, b.y.flip);
    const int16x8_t x_low = vmovl_s8(vget_low_s8(first)), x_high = vmovl_high_s8(first);
    const int16x8_t y_low = vmovl_s8(vget_low_s8(second)), y_high = vmovl_high_s8(second);
    store_bytes(out + i,
                bytes16(four(b, vget_low_s16(x_low), vget_low_s16(y_low)), four(b, vget_high_s16(x_low), vget_high_s16(y_low)),
                        four(b, vget_low_s16(x_high), vget_low_s16(y_high)),
                        four(b, vget_high_s16(x_high), vget_high_s16(y_high)), b.low, b.high, b.result.flip),
                n - i);
  }
}

}  // namespace qgraph::kernels
