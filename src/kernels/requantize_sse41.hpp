// The requantization rules on 4 sums, for files built with SSE4.1. Everything here has internal linkage.
#pragma once

#include <smmintrin.h>

#include "kernels/requantize_s8.hpp"

namespace qgraph::kernels {
namespace {

inline __m128i load4(const void* p) noexcept { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }

/// 2^n of each lane, n from 0 to 31: SSE shifts all lanes alike, products make up for it.
inline __m128i power_of_two4(__m128i n) noexcept {
  return _mm_cvttps_epi32(_mm_castsi128_ps(_mm_slli_epi32(_mm_add_epi32(n, _mm_set1_epi32(127)), 23)));
}

/// x >> n, n from 0 to 30: bits 30 to 61 of x * 2^(30 - n).
inline __m128i shift_right4(__m128i x, __m128i n) noexcept {
  const __m128i power = power_of_two4(_mm_sub_epi32(_mm_set1_epi32(30), n));
  const __m128i even = _mm_srli_epi64(_mm_mul_epi32(x, power), 30);
  const __m128i odd = _mm_slli_epi64(_mm_mul_epi32(_mm_srli_epi64(x, 32), _mm_srli_epi64(power, 32)), 2);
  return _mm_blend_epi16(even, odd, 0xCC);
}

/// (x * m + 2^30) >> 31
inline __m128i high_multiply4(__m128i x, __m128i m) noexcept {
  const __m128i half = _mm_set1_epi64x(std::int64_t{1} << 30);
  const __m128i even = _mm_add_epi64(_mm_mul_epi32(x, m), half);
  const __m128i odd = _mm_add_epi64(_mm_mul_epi32(_mm_srli_epi64(x, 32), _mm_srli_epi64(m, 32)), half);
  return _mm_blend_epi16(_mm_srli_epi64(even, 31), _mm_slli_epi64(odd, 1), 0xCC);
}

inline __m128i half_away2(__m128i sum, __m128d factor, __m128d low, __m128d high) noexcept {
  const __m128d x = _mm_min_pd(_mm_max_pd(_mm_mul_pd(_mm_cvtepi32_pd(sum), factor), low), high);
  const __m128d half = _mm_or_pd(_mm_and_pd(x, _mm_set1_pd(-0.0)), _mm_set1_pd(0.49999999999999994));
  return _mm_cvttpd_epi32(_mm_add_pd(x, half));
}

/// Channels c to c + 3; not clamped yet.
inline __m128i requantize4(const Requantize& q, std::int64_t c, __m128i sum) noexcept {
  const __m128i zero_point = _mm_set1_epi32(q.zero_point);
  switch (q.rule) {
    case Rule::fixed_above_zero: {
      const __m128i m = load4(q.multiplier + c);
      const std::int64_t* addend = q.addend + c / 16 * 16 + c % 16 / 2;
      const __m128i even = _mm_add_epi64(_mm_mul_epi32(sum, m), load4(addend));
      const __m128i odd = _mm_add_epi64(_mm_mul_epi32(_mm_srli_epi64(sum, 32), _mm_srli_epi64(m, 32)), load4(addend + 8));
      return shift_right4(_mm_blend_epi16(_mm_srli_epi64(even, 32), odd, 0xCC), load4(q.shift + c));
    }
    case Rule::fixed: {
      const __m128i high = high_multiply4(sum, load4(q.multiplier + c));
      const __m128i shifted = shift_right4(_mm_add_epi32(high, _mm_srai_epi32(high, 31)), load4(q.shift + c));
      return _mm_add_epi32(_mm_srai_epi32(_mm_add_epi32(shifted, _mm_set1_epi32(1)), 1), zero_point);
    }
    case Rule::fixed_any: {
      const __m128i one = load4(q.shifted + c), rounds = _mm_sub_epi32(_mm_setzero_si128(), one);
      const __m128i left = _mm_mullo_epi32(sum, power_of_two4(load4(q.left + c)));
      const __m128i high = high_multiply4(left, load4(q.multiplier + c));
      const __m128i below = _mm_and_si128(_mm_srai_epi32(high, 31), rounds);
      const __m128i shifted = shift_right4(_mm_add_epi32(high, below), load4(q.shift + c));
      const __m128i rounded = _mm_srai_epi32(_mm_add_epi32(shifted, one), 1);
      __m128i value = _mm_blendv_epi8(high, rounded, rounds);
      value = _mm_min_epi32(value, _mm_set1_epi32(q.high - q.zero_point));
      return _mm_add_epi32(_mm_max_epi32(value, _mm_set1_epi32(q.low - q.zero_point)),
                           zero_point);  // the sum might not fit before
    }
    case Rule::double_product: {
      const __m128d low = _mm_set1_pd(q.low - q.zero_point), high = _mm_set1_pd(q.high - q.zero_point);
      const __m128i a = half_away2(sum, _mm_loadu_pd(q.factor + c), low, high);
      const __m128i b = half_away2(_mm_unpackhi_epi64(sum, sum), _mm_loadu_pd(q.factor + c + 2), low, high);
      return _mm_add_epi32(_mm_unpacklo_epi64(a, b), zero_point);
    }
    case Rule::sums: return sum;
    case Rule::nearest_even: break;
  }
  const __m128 low = _mm_set1_ps(static_cast<float>(q.low - q.zero_point)),
               high = _mm_set1_ps(static_cast<float>(q.high - q.zero_point));
  __m128 real = _mm_mul_ps(_mm_cvtepi32_ps(sum), _mm_loadu_ps(q.scale + c));
  if (q.added) real = _mm_add_ps(real, _mm_loadu_ps(q.added + c));
  const __m128 x = _mm_min_ps(_mm_max_ps(real, low), high);
  return _mm_add_epi32(_mm_cvttps_epi32(_mm_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)), zero_point);
}

/// 16 results as bytes: clamped, and the sign bit as the storage has it.
inline __m128i bytes16(const Requantize& q, __m128i a, __m128i b, __m128i c, __m128i d) noexcept {
  const __m128i bytes = _mm_packs_epi16(_mm_packs_epi32(a, b), _mm_packs_epi32(c, d));
  const __m128i low = _mm_set1_epi8(static_cast<char>(q.low)), high = _mm_set1_epi8(static_cast<char>(q.high));
  return _mm_xor_si128(_mm_max_epi8(_mm_min_epi8(bytes, high), low), _mm_set1_epi8(static_cast<char>(q.flip)));
}

/// The first `count` of 16 bytes.
inline void store_bytes(std::uint8_t* to, __m128i bytes, std::int64_t count) noexcept {
  if (count >= 16) return _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
  std::uint8_t kept[16];
  _mm_storeu_si128(reinterpret_cast<__m128i*>(kept), bytes);
  __builtin_memcpy(to, kept, static_cast<std::size_t>(count));
}

/// The first `count` of 16 sums.
inline void store_sums16(std::uint8_t* to, const __m128i* sums, std::int64_t count) noexcept {
  if (count >= 16) {
    for (int j = 0; j < 4; ++j) _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 16 * j), sums[j]);
    return;
  }
  __m128i kept[4] = {sums[0], sums[1], sums[2], sums[3]};
  __builtin_memcpy(to, kept, static_cast<std::size_t>(4 * count));
}

/// Four products of bytes, unsigned by signed, added to each of four sums; exact. The left side is split beforehand.
struct SplitBytes {
  __m128i even, odd;
  explicit SplitBytes(__m128i bytes) noexcept
      : even(_mm_and_si128(bytes, _mm_set1_epi16(0x00FF))), odd(_mm_srli_epi16(bytes, 8)) {}
  __attribute__((always_inline)) __m128i times(__m128i weights) const noexcept {
    const __m128i even_weights = _mm_srai_epi16(_mm_slli_epi16(weights, 8), 8), odd_weights = _mm_srai_epi16(weights, 8);
    return _mm_add_epi32(_mm_madd_epi16(even, even_weights), _mm_madd_epi16(odd, odd_weights));
  }
  /// The sums of the four bytes.
  __attribute__((always_inline)) __m128i total() const noexcept {
    return _mm_madd_epi16(_mm_add_epi16(even, odd), _mm_set1_epi16(1));
  }
};

}  // namespace
}  // namespace qgraph::kernels
