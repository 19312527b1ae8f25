// Depthwise convolutions of 32 channels at a time, for files built with AVX2 and more: bytes of four taps are unpacked to quads.
// Everything here has internal linkage.
#pragma once

#include "kernels/depthwise_s8/depthwise_s8.hpp"
#include "kernels/requantize_avx2.hpp"

namespace qgraph::kernels {
namespace {

/// `Quads`: splits the left side once, then multiplies it with weights, or adds up its fours.
template <class Quads>
inline void run_lines(const DepthwiseS8& d, const std::uint8_t* const* all_taps, std::ptrdiff_t step, std::int64_t pixels,
                      std::uint8_t* output) noexcept {
  const Requantize& q = d.requantize;
  const __m256i low = _mm256_set1_epi8(static_cast<char>(q.low)), high = _mm256_set1_epi8(static_cast<char>(q.high));
  const __m256i output_flip = _mm256_set1_epi8(static_cast<char>(q.flip)),
                flip = _mm256_set1_epi8(static_cast<char>(d.input_flip));
  for (std::int64_t channel = 0; channel < d.channels; channel += 32) {
    const std::int64_t first = channel / 64 * 64 + channel % 64 / 4;  // positions of the first four channels and of the next lane
    const std::int8_t* weights = d.weights + (channel / 64 * d.quads * 64 + first % 64) * 4;
    const std::int64_t left = d.channels - channel;
    const bool summed = d.row_factor && d.summed[channel / 64];
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
      const std::uint8_t* const* taps = all_taps;
      __m256i sums[4], totals[4];
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j) {
        sums[j] = load8(d.bias + first + 16 * j);
        totals[j] = _mm256_setzero_si256();
      }
      const std::int8_t* w = weights;
      for (std::int64_t quad = 0; quad < d.quads; ++quad, taps += 4, w += 256) {
        __m256i t[4];
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k) t[k] = _mm256_xor_si256(load8(taps[k] + pixel * step + channel), flip);
        const __m256i ab_low = _mm256_unpacklo_epi8(t[0], t[1]), ab_high = _mm256_unpackhi_epi8(t[0], t[1]);
        const __m256i cd_low = _mm256_unpacklo_epi8(t[2], t[3]), cd_high = _mm256_unpackhi_epi8(t[2], t[3]);
        const __m256i fours[4] = {_mm256_unpacklo_epi16(ab_low, cd_low), _mm256_unpackhi_epi16(ab_low, cd_low),
                                  _mm256_unpacklo_epi16(ab_high, cd_high), _mm256_unpackhi_epi16(ab_high, cd_high)};
#pragma GCC unroll 4
        for (int j = 0; j < 4; ++j) {
          const Quads quads(fours[j]);
          sums[j] = quads.add_products(sums[j], load8(w + 64 * j));
          if (summed) totals[j] = quads.add_totals(totals[j]);
        }
      }
      __m256i values[4];
      for (int j = 0; j < 4; ++j) {
        if (summed) sums[j] = _mm256_add_epi32(sums[j], _mm256_mullo_epi32(totals[j], load8(d.row_factor + first + 16 * j)));
        values[j] = requantize8(q, first + 16 * j, sums[j]);
      }
      if (q.rule == Rule::sums) {  // of lane l of values[j]: channels 16 l + 4 j to 16 l + 4 j + 3
        std::uint8_t* to = output + 4 * (pixel * d.channels + channel);
        store_sums8(to, _mm256_permute2x128_si256(values[0], values[1], 0x20), left);
        store_sums8(to + 32, _mm256_permute2x128_si256(values[2], values[3], 0x20), left - 8);
        store_sums8(to + 64, _mm256_permute2x128_si256(values[0], values[1], 0x31), left - 16);
        store_sums8(to + 96, _mm256_permute2x128_si256(values[2], values[3], 0x31), left - 24);
        continue;
      }
      const __m256i words = _mm256_packs_epi32(values[0], values[1]);
      __m256i bytes = _mm256_packs_epi16(words, _mm256_packs_epi32(values[2], values[3]));
      bytes = _mm256_xor_si256(_mm256_max_epi8(_mm256_min_epi8(bytes, high), low), output_flip);
      std::uint8_t* to = output + pixel * d.channels + channel;
      if (left >= 32) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), bytes);
      } else {
        alignas(32) std::uint8_t kept[32];
        _mm256_store_si256(reinterpret_cast<__m256i*>(kept), bytes);
        __builtin_memcpy(to, kept, static_cast<std::size_t>(left));
      }
    }
  }
}

}  // namespace
}  // namespace qgraph::kernels
