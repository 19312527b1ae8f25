// With SSE4.1: 16 channels at a time, bytes of four taps unpacked to quads, which multiply as even and odd 16-bit numbers.
// Intrinsics and internal linkage only.
#include "kernels/depthwise_s8/kernels.hpp"
#include "kernels/requantize_sse41.hpp"

namespace qgraph::kernels {

void depthwise_s8_sse41(const DepthwiseS8& d, const std::uint8_t* const* all_taps, std::ptrdiff_t step, std::int64_t pixels,
                        std::uint8_t* output) noexcept {
  const Requantize& q = d.requantize;
  const __m128i flip = _mm_set1_epi8(static_cast<char>(d.input_flip));
  for (std::int64_t channel = 0; channel < d.channels; channel += 16) {
    const std::int64_t first = channel / 64 * 64 + channel % 64 / 4;  // position of the first four channels
    const std::int8_t* weights = d.weights + (channel / 64 * d.quads * 64 + first % 64) * 4;
    const bool summed = d.row_factor && d.summed[channel / 64];
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
      const std::uint8_t* const* taps = all_taps;
      __m128i sums[4], totals[4];
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j) {
        sums[j] = load4(d.bias + first + 16 * j);
        totals[j] = _mm_setzero_si128();
      }
      const std::int8_t* w = weights;
      for (std::int64_t quad = 0; quad < d.quads; ++quad, taps += 4, w += 256) {
        __m128i t[4];
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k) t[k] = _mm_xor_si128(load4(taps[k] + pixel * step + channel), flip);
        const __m128i ab_low = _mm_unpacklo_epi8(t[0], t[1]), ab_high = _mm_unpackhi_epi8(t[0], t[1]);
        const __m128i cd_low = _mm_unpacklo_epi8(t[2], t[3]), cd_high = _mm_unpackhi_epi8(t[2], t[3]);
        const __m128i fours[4] = {_mm_unpacklo_epi16(ab_low, cd_low), _mm_unpackhi_epi16(ab_low, cd_low),
                                  _mm_unpacklo_epi16(ab_high, cd_high), _mm_unpackhi_epi16(ab_high, cd_high)};
#pragma GCC unroll 4
        for (int j = 0; j < 4; ++j) {
          const SplitBytes bytes(fours[j]);
          sums[j] = _mm_add_epi32(sums[j], bytes.times(load4(w + 64 * j)));
          if (summed) totals[j] = _mm_add_epi32(totals[j], bytes.total());
        }
      }
      __m128i values[4];
      for (int j = 0; j < 4; ++j) {
        if (summed) sums[j] = _mm_add_epi32(sums[j], _mm_mullo_epi32(totals[j], load4(d.row_factor + first + 16 * j)));
        values[j] = requantize4(q, first + 16 * j, sums[j]);
      }
      if (q.rule == Rule::sums) {
        store_sums16(output + 4 * (pixel * d.channels + channel), values, d.channels - channel);
        continue;
      }
      store_bytes(output + pixel * d.channels + channel, bytes16(q, values[0], values[1], values[2], values[3]),
                  d.channels - channel);
    }
  }
}

}  // namespace qgraph::kernels
