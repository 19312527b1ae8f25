// Depthwise convolutions of 16 channels at a time, for files built for AArch64: bytes of four taps are zipped to quads. Bytes
// become signed ones, 128 less: 128 times the sum of a channel's weights makes up for it. Everything here has internal linkage.
#pragma once

#include "kernels/depthwise_s8/depthwise_s8.hpp"
#include "kernels/requantize_neon.hpp"

namespace qgraph::kernels {
namespace {

struct Fours {
  int8x16_t of[4];
};
/// Bytes of four taps under 16 channels; of[j]: quads of channels 4 j to 4 j + 3.
inline Fours zipped(const std::uint8_t* const* taps, std::ptrdiff_t offset, uint8x16_t flip) noexcept {
  uint8x16_t t[4];
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) t[k] = veorq_u8(vld1q_u8(taps[k] + offset), flip);
  const uint16x8_t ab_low = vreinterpretq_u16_u8(vzip1q_u8(t[0], t[1])), ab_high = vreinterpretq_u16_u8(vzip2q_u8(t[0], t[1]));
  const uint16x8_t cd_low = vreinterpretq_u16_u8(vzip1q_u8(t[2], t[3])), cd_high = vreinterpretq_u16_u8(vzip2q_u8(t[2], t[3]));
  return {{vreinterpretq_s8_u16(vzip1q_u16(ab_low, cd_low)), vreinterpretq_s8_u16(vzip2q_u16(ab_low, cd_low)),
           vreinterpretq_s8_u16(vzip1q_u16(ab_high, cd_high)), vreinterpretq_s8_u16(vzip2q_u16(ab_high, cd_high))}};
}

inline void run_lines(const DepthwiseS8& d, const std::uint8_t* const* all_taps, std::ptrdiff_t step, std::int64_t pixels,
                      std::uint8_t* output) noexcept {
  const Requantize& q = d.requantize;
  const uint8x16_t flip = vdupq_n_u8(d.input_flip ^ 0x80);
  const int8x16_t ones = vdupq_n_s8(1);
  for (std::int64_t channel = 0; channel < d.channels; channel += 16) {
    const std::int64_t first = channel / 64 * 64 + channel % 64 / 4;  // position of the first four channels
    const std::int8_t* weights = d.weights + (channel / 64 * d.quads * 64 + first % 64) * 4;
    const bool summed = d.row_factor && d.summed[channel / 64];
    int32x4_t begin[4];
    for (int j = 0; j < 4; ++j) {
      Dots sum;
      for (std::int64_t quad = 0; quad < d.quads; ++quad) sum.add(ones, vld1q_s8(weights + quad * 256 + 64 * j));
      begin[j] = vaddq_s32(vld1q_s32(d.bias + first + 16 * j), vshlq_n_s32(sum.total(), 7));
    }
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
      Dots sums[4], totals[4];
      const std::int8_t* w = weights;
      for (std::int64_t quad = 0; quad < d.quads; ++quad, w += 256) {
        const Fours fours = zipped(all_taps + 4 * quad, pixel * step + channel, flip);
#pragma GCC unroll 4
        for (int j = 0; j < 4; ++j) {
          sums[j].add(fours.of[j], vld1q_s8(w + 64 * j));
          if (summed) totals[j].add(fours.of[j], ones);
        }
      }
      int32x4_t values[4];
      for (int j = 0; j < 4; ++j) {
        int32x4_t sum = vaddq_s32(sums[j].total(), begin[j]);
        if (summed) {
          const int32x4_t total = vaddq_s32(totals[j].total(), vdupq_n_s32(static_cast<std::int32_t>(512 * d.quads)));
          sum = vmlaq_s32(sum, total, vld1q_s32(d.row_factor + first + 16 * j));
        }
        values[j] = requantize4(q, first + 16 * j, sum);
      }
      if (q.rule == Rule::sums) {
        store_sums16(output + 4 * (pixel * d.channels + channel), values, d.channels - channel);
        continue;
      }
      store_bytes(output + pixel * d.channels + channel,
                  bytes16(values[0], values[1], values[2], values[3], q.low, q.high, q.flip), d.channels - channel);
    }
  }
}

}  // namespace
}  // namespace qgraph::kernels
