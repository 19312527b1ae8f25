// With AVX-512 VBMI: 64 pixels by 16 channels are transposed, so that a vector holds one channel, looked up by two permutations
// of 128 bytes each, and transposed back. Intrinsics and internal linkage only.
#include <immintrin.h>

#include "kernels/channel_table_s8/kernels.hpp"

namespace qgraph::kernels {
namespace {

constexpr std::int64_t pixels_at_once = 64, channels_at_once = 16;
/// Pixels that stay in the first-level cache while channels go by.
constexpr std::int64_t resident_pixels = 256;

/// Each 128-bit lane of 16 vectors is a column of a matrix of bytes, 16 by 16: transposed. Four perfect shuffles of its rows.
inline __attribute__((always_inline)) void transpose(__m512i (&rows)[16]) noexcept {
#pragma GCC unroll 4
  for (int stage = 0; stage < 4; ++stage) {
    __m512i next[16];
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) {
      next[2 * i] = _mm512_unpacklo_epi8(rows[i], rows[i + 8]);
      next[2 * i + 1] = _mm512_unpackhi_epi8(rows[i], rows[i + 8]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) rows[i] = next[i];
  }
}

inline __attribute__((always_inline)) __m512i look_up(const std::uint8_t* table, __m512i x) noexcept {
  const __m512i a = _mm512_loadu_si512(table), b = _mm512_loadu_si512(table + 64), c = _mm512_loadu_si512(table + 128),
                d = _mm512_loadu_si512(table + 192);
  return _mm512_mask_blend_epi8(_mm512_movepi8_mask(x), _mm512_permutex2var_epi8(a, x, b), _mm512_permutex2var_epi8(c, x, d));
}

inline __attribute__((always_inline)) __m128i bytes_at(const std::uint8_t* p) noexcept {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}

/// 64 pixels by 16 channels; lane k of vector i is pixel 4 i + k.
template <bool dense>
inline __attribute__((always_inline)) void block(const std::uint8_t* tables, std::int64_t stride, const std::uint8_t* in,
                                                 std::uint8_t* out) noexcept {
  __m512i rows[16];
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) {
    if (dense) {
      rows[i] = _mm512_loadu_si512(in + 64 * i);
    } else {
      const std::uint8_t* p = in + 4 * i * stride;
      const __m256i low = _mm256_inserti128_si256(_mm256_castsi128_si256(bytes_at(p)), bytes_at(p + stride), 1);
      const __m256i high = _mm256_inserti128_si256(_mm256_castsi128_si256(bytes_at(p + 2 * stride)), bytes_at(p + 3 * stride), 1);
      rows[i] = _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
    }
  }
  transpose(rows);
#pragma GCC unroll 16
  for (int c = 0; c < 16; ++c) rows[c] = look_up(tables + 256 * c, rows[c]);
  transpose(rows);
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) {
    if (dense) {
      _mm512_storeu_si512(out + 64 * i, rows[i]);
    } else {
      std::uint8_t* p = out + 4 * i * stride;
      _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_castsi512_si128(rows[i]));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(p + stride), _mm512_extracti32x4_epi32(rows[i], 1));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(p + 2 * stride), _mm512_extracti32x4_epi32(rows[i], 2));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(p + 3 * stride), _mm512_extracti32x4_epi32(rows[i], 3));
    }
  }
}

/// The last block of pixels, and of channels, may overlap the one before: what it does twice comes out the same.
void rectangle(const std::uint8_t* tables, std::int64_t channels, const std::uint8_t* in, std::uint8_t* out,
               std::int64_t pixels) noexcept {
  for (std::int64_t c = 0; c < channels; c += channels_at_once) {
    const std::int64_t first = c + channels_at_once <= channels ? c : channels - channels_at_once;
    for (std::int64_t p = 0; p < pixels; p += pixels_at_once) {
      const std::int64_t at = (p + pixels_at_once <= pixels ? p : pixels - pixels_at_once) * channels + first;
      if (channels == channels_at_once)
        block<true>(tables, channels, in + at, out + at);
      else
        block<false>(tables + 256 * first, channels, in + at, out + at);
    }
  }
}

}  // namespace

void channel_table_s8_avx512_vbmi(const std::uint8_t* tables, std::int64_t channels, const std::uint8_t* in, std::uint8_t* out,
                                  std::int64_t pixels) noexcept {
  if (channels < channels_at_once || pixels < pixels_at_once) return channel_table_s8_generic(tables, channels, in, out, pixels);
  for (std::int64_t p = 0; p < pixels;) {
    const std::int64_t left = pixels - p, n = left < resident_pixels + pixels_at_once ? left : resident_pixels;
    rectangle(tables, channels, in + p * channels, out + p * channels, n);
    p += n;
  }
}

}  // namespace qgraph::kernels
