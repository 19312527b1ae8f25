// With AVX-512 VNNI: 64 channels at a time, bytes of four taps unpacked to quads. Intrinsics and internal linkage only.
#include "kernels/depthwise_s8/kernels.hpp"
#include "kernels/requantize_avx512.hpp"

namespace qgraph::kernels {
namespace {

/// Fours of bytes that four taps see, as unpacking leaves them.
inline __attribute__((always_inline)) void load_quad(const std::uint8_t* const* taps, std::ptrdiff_t offset, __m512i flip,
                                                     __m512i* fours) noexcept {
  __m512i t[4];
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) t[k] = _mm512_xor_si512(_mm512_loadu_si512(taps[k] + offset), flip);
  const __m512i ab_low = _mm512_unpacklo_epi8(t[0], t[1]), ab_high = _mm512_unpackhi_epi8(t[0], t[1]);
  const __m512i cd_low = _mm512_unpacklo_epi8(t[2], t[3]), cd_high = _mm512_unpackhi_epi8(t[2], t[3]);
  fours[0] = _mm512_unpacklo_epi16(ab_low, cd_low);
  fours[1] = _mm512_unpackhi_epi16(ab_low, cd_low);
  fours[2] = _mm512_unpacklo_epi16(ab_high, cd_high);
  fours[3] = _mm512_unpackhi_epi16(ab_high, cd_high);
}

/// `quads` is a constant where it is worth unrolling.
template <bool sums_wanted>
inline __attribute__((always_inline)) void window(const std::uint8_t* const* taps, std::ptrdiff_t offset, std::int64_t quads,
                                                  const std::int8_t* w, __m512i flip, __m512i* sums, __m512i* totals) noexcept {
  const __m512i ones = _mm512_set1_epi8(1);
#pragma GCC unroll 4
  for (std::int64_t quad = 0; quad < quads; ++quad, taps += 4, w += 256) {
    __m512i fours[4];
    load_quad(taps, offset, flip, fours);
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      sums[j] = _mm512_dpbusd_epi32(sums[j], fours[j], _mm512_loadu_si512(w + 64 * j));
      if (sums_wanted) totals[j] = _mm512_dpbusd_epi32(totals[j], fours[j], ones);
    }
  }
}

/// The results of 64 channels.
struct Finish {
  __m512i low, high, flip;
  __mmask64 mask;
  bool whole;
  Finish(const Requantize& q, std::int64_t left) noexcept
      : low(_mm512_set1_epi8(static_cast<char>(q.low))),
        high(_mm512_set1_epi8(static_cast<char>(q.high))),
        flip(_mm512_set1_epi8(static_cast<char>(q.flip))),
        mask(left >= 64 ? ~0ULL : (1ULL << left) - 1),
        whole(left >= 64) {}
  template <class Rule>
  __attribute__((always_inline)) void store(const Rule* rules, const __m512i* sums, std::uint8_t* to) const noexcept {
    const __m512i words0 = _mm512_packs_epi32(rules[0](sums[0]), rules[1](sums[1]));
    const __m512i words1 = _mm512_packs_epi32(rules[2](sums[2]), rules[3](sums[3]));
    const __m512i bytes = _mm512_max_epi8(_mm512_min_epi8(_mm512_packs_epi16(words0, words1), high), low);
    if (whole)
      _mm512_storeu_si512(to, _mm512_xor_si512(bytes, flip));
    else
      _mm512_mask_storeu_epi8(to, mask, _mm512_xor_si512(bytes, flip));
  }
};

template <>
inline __attribute__((always_inline)) void Finish::store(const AsTheyAre*, const __m512i* sums, std::uint8_t* to) const noexcept {
  // Lane l of sums[j] holds channels 16 l + 4 j to 16 l + 4 j + 3.
  const __m512i a = _mm512_shuffle_i32x4(sums[0], sums[1], 0x44), b = _mm512_shuffle_i32x4(sums[2], sums[3], 0x44);
  const __m512i c = _mm512_shuffle_i32x4(sums[0], sums[1], 0xEE), d = _mm512_shuffle_i32x4(sums[2], sums[3], 0xEE);
  const __m512i ordered[4] = {_mm512_shuffle_i32x4(a, b, 0x88), _mm512_shuffle_i32x4(a, b, 0xDD),
                              _mm512_shuffle_i32x4(c, d, 0x88), _mm512_shuffle_i32x4(c, d, 0xDD)};
#pragma GCC unroll 4
  for (int l = 0; l < 4; ++l) _mm512_mask_storeu_epi32(to + 64 * l, static_cast<__mmask16>(mask >> (16 * l)), ordered[l]);
}

/// Windows of three quads of which the last ones serve the next pixel, too.
template <class Rule, int shift>
void sliding_block(const DepthwiseS8& d, const std::uint8_t* const* taps, std::ptrdiff_t step, std::int64_t pixels,
                   std::int64_t channel, std::uint8_t* output) noexcept {
  const Requantize& q = d.requantize;
  const __m512i flip = _mm512_set1_epi8(static_cast<char>(d.input_flip));
  const std::int8_t* w = d.weights + channel * 12;
  const Rule rules[4] = {Rule(q, channel), Rule(q, channel + 16), Rule(q, channel + 32), Rule(q, channel + 48)};
  const Finish finish(q, d.channels - channel);
  __m512i fours[3][4];
#pragma GCC unroll 3
  for (int k = shift; k < 3; ++k) load_quad(taps + 4 * (k - shift), channel, flip, fours[k]);
  for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
#pragma GCC unroll 3
    for (int k = 0; k < 3; ++k) {
      if (k + shift < 3) {
#pragma GCC unroll 4
        for (int j = 0; j < 4; ++j) fours[k][j] = fours[k + shift][j];
      } else {
        load_quad(taps + 4 * k, pixel * step + channel, flip, fours[k]);
      }
    }
    __m512i sums[4];
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      sums[j] = _mm512_loadu_si512(d.bias + channel + 16 * j);
#pragma GCC unroll 3
      for (int k = 0; k < 3; ++k) sums[j] = _mm512_dpbusd_epi32(sums[j], fours[k][j], _mm512_loadu_si512(w + 256 * k + 64 * j));
    }
    finish.store(rules, sums, output + Rule::bytes * (pixel * d.channels + channel));
  }
}

template <class Rule, bool sums_wanted>
void block(const DepthwiseS8& d, const std::uint8_t* const* taps, std::ptrdiff_t step, std::int64_t pixels, std::int64_t channel,
           std::uint8_t* output) noexcept {
  const Requantize& q = d.requantize;
  const __m512i flip = _mm512_set1_epi8(static_cast<char>(d.input_flip));
  const std::int8_t* w = d.weights + channel * d.quads * 4;
  const Rule rules[4] = {Rule(q, channel), Rule(q, channel + 16), Rule(q, channel + 32), Rule(q, channel + 48)};
  const Finish finish(q, d.channels - channel);
  std::uint8_t* to = output + Rule::bytes * channel;
  for (std::int64_t pixel = 0; pixel < pixels; ++pixel, to += Rule::bytes * d.channels) {
    __m512i sums[4], totals[4] = {};
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) sums[j] = _mm512_loadu_si512(d.bias + channel + 16 * j);
    if (d.quads == 3)
      window<sums_wanted>(taps, pixel * step + channel, 3, w, flip, sums, totals);
    else
      window<sums_wanted>(taps, pixel * step + channel, d.quads, w, flip, sums, totals);
    if (sums_wanted) {
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j)
        sums[j] = _mm512_add_epi32(sums[j], _mm512_mullo_epi32(totals[j], _mm512_loadu_si512(d.row_factor + channel + 16 * j)));
    }
    finish.store(rules, sums, to);
  }
}

template <class Rule>
void with_rule(const DepthwiseS8& d, const std::uint8_t* const* taps, std::ptrdiff_t step, std::int64_t pixels,
               std::uint8_t* output) noexcept {
  for (std::int64_t channel = 0; channel < d.channels; channel += 64) {
    const bool summed = d.row_factor && d.summed[channel / 64];
    if (!summed && d.quads == 3 && d.shift == 1)
      sliding_block<Rule, 1>(d, taps, step, pixels, channel, output);
    else if (!summed && d.quads == 3 && d.shift == 2)
      sliding_block<Rule, 2>(d, taps, step, pixels, channel, output);
    else if (summed)
      block<Rule, true>(d, taps, step, pixels, channel, output);
    else
      block<Rule, false>(d, taps, step, pixels, channel, output);
  }
}

}  // namespace

void depthwise_s8_avx512_vnni(const DepthwiseS8& d, const std::uint8_t* const* taps, std::ptrdiff_t step, std::int64_t pixels,
                              std::uint8_t* output) noexcept {
  switch (d.requantize.rule) {
    case Rule::fixed_above_zero: return with_rule<FixedAboveZero>(d, taps, step, pixels, output);
    case Rule::fixed: return with_rule<Fixed>(d, taps, step, pixels, output);
    case Rule::fixed_any: return with_rule<FixedAny>(d, taps, step, pixels, output);
    case Rule::double_product: return with_rule<DoubleProduct>(d, taps, step, pixels, output);
    case Rule::nearest_even:
      return d.requantize.added ? with_rule<NearestEvenPlus>(d, taps, step, pixels, output)
                                : with_rule<NearestEven>(d, taps, step, pixels, output);
    case Rule::sums: return with_rule<AsTheyAre>(d, taps, step, pixels, output);
  }
}

}  // namespace qgraph::kernels
