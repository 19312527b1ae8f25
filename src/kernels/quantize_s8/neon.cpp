// 16 elements at a time. Intrinsics and internal linkage only.
#include "kernels/quantize_s8/kernels.hpp"
#include "kernels/requantize_neon.hpp"

namespace qgraph::kernels {
namespace {

inline int32x4_t four(const QuantizeS8& q, float32x4_t real) noexcept {
  const float32x4_t low = vdupq_n_f32(static_cast<float>(q.low - q.zero_point)),
                    high = vdupq_n_f32(static_cast<float>(q.high - q.zero_point));
  float32x4_t x = vdivq_f32(real, vdupq_n_f32(q.scale));
  x = vminnmq_f32(vmaxnmq_f32(x, low), high);  // limits are integers: clamping first changes nothing
  return vaddq_s32(q.half_even ? vcvtnq_s32_f32(x) : vcvtaq_s32_f32(x), vdupq_n_s32(q.zero_point));
}

}  // namespace

void quantize_s8_neon(const QuantizeS8& q, const float* in, std::uint8_t* out, std::int64_t n) noexcept {
  for (std::int64_t i = 0; i < n; i += 16) {
    const std::int64_t count = n - i >= 16 ? 16 : n - i;
    float rest[16] = {};
    const float* from = in + i;
    if (count < 16) {
      __builtin_memcpy(rest, from, static_cast<std::size_t>(count) * sizeof(float));
      from = rest;
    }
    store_bytes(out + i,
                bytes16(four(q, vld1q_f32(from)), four(q, vld1q_f32(from + 4)), four(q, vld1q_f32(from + 8)),
                        four(q, vld1q_f32(from + 12)), q.low, q.high, q.flip),
                count);
  }
}

}  // namespace qgraph::kernels
