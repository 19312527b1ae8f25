// The requantization rules on 8 sums, for files built with AVX2. Everything here has internal linkage.
#pragma once

#include <immintrin.h>

#include "kernels/requantize_s8.hpp"

namespace qgraph::kernels {
namespace {

inline __m256i load8(const void* p) noexcept { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }

/// (x * m + 2^30) >> 31
inline __m256i high_multiply8(__m256i x, __m256i m) noexcept {
  const __m256i half = _mm256_set1_epi64x(std::int64_t{1} << 30);
  const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(x, m), half);
  const __m256i odd = _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(x, 32), _mm256_srli_epi64(m, 32)), half);
  return _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_slli_epi64(odd, 1), 0xAA);
}

inline __m128i half_away4(__m128i sum, __m256d factor, __m256d low, __m256d high) noexcept {
  const __m256d x = _mm256_min_pd(_mm256_max_pd(_mm256_mul_pd(_mm256_cvtepi32_pd(sum), factor), low), high);
  const __m256d half = _mm256_or_pd(_mm256_and_pd(x, _mm256_set1_pd(-0.0)), _mm256_set1_pd(0.49999999999999994));
  return _mm256_cvttpd_epi32(_mm256_add_pd(x, half));
}

/// Channels c to c + 7; not clamped yet.
inline __m256i requantize8(const Requantize& q, std::int64_t c, __m256i sum) noexcept {
  const __m256i zero_point = _mm256_set1_epi32(q.zero_point);
  switch (q.rule) {
    case Rule::fixed_above_zero: {
      const __m256i m = load8(q.multiplier + c);
      const std::int64_t* addend = q.addend + c / 16 * 16 + c % 16 / 2;
      const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(sum, m), load8(addend));
      const __m256i odd =
          _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(sum, 32), _mm256_srli_epi64(m, 32)), load8(addend + 8));
      return _mm256_srav_epi32(_mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA), load8(q.shift + c));
    }
    case Rule::fixed: {
      const __m256i high = high_multiply8(sum, load8(q.multiplier + c));
      const __m256i shifted = _mm256_srav_epi32(_mm256_add_epi32(high, _mm256_srai_epi32(high, 31)), load8(q.shift + c));
      return _mm256_add_epi32(_mm256_srai_epi32(_mm256_add_epi32(shifted, _mm256_set1_epi32(1)), 1), zero_point);
    }
    case Rule::fixed_any: {
      const __m256i one = load8(q.shifted + c);
      const __m256i high = high_multiply8(_mm256_sllv_epi32(sum, load8(q.left + c)), load8(q.multiplier + c));
      const __m256i below = _mm256_and_si256(_mm256_srai_epi32(high, 31), _mm256_sub_epi32(_mm256_setzero_si256(), one));
      __m256i value = _mm256_add_epi32(_mm256_srav_epi32(_mm256_add_epi32(high, below), load8(q.shift + c)), one);
      value = _mm256_min_epi32(_mm256_srav_epi32(value, one), _mm256_set1_epi32(q.high - q.zero_point));
      return _mm256_add_epi32(_mm256_max_epi32(value, _mm256_set1_epi32(q.low - q.zero_point)),
                              zero_point);  // the sum might not fit before
    }
    case Rule::double_product: {
      const __m256d low = _mm256_set1_pd(q.low - q.zero_point), high = _mm256_set1_pd(q.high - q.zero_point);
      const __m128i a = half_away4(_mm256_castsi256_si128(sum), _mm256_loadu_pd(q.factor + c), low, high);
      const __m128i b = half_away4(_mm256_extracti128_si256(sum, 1), _mm256_loadu_pd(q.factor + c + 4), low, high);
      return _mm256_add_epi32(_mm256_set_m128i(b, a), zero_point);
    }
    case Rule::sums: return sum;
    case Rule::nearest_even: break;
  }
  const __m256 low = _mm256_set1_ps(static_cast<float>(q.low - q.zero_point)),
               high = _mm256_set1_ps(static_cast<float>(q.high - q.zero_point));
  __m256 real = _mm256_mul_ps(_mm256_cvtepi32_ps(sum), _mm256_loadu_ps(q.scale + c));
  if (q.added) real = _mm256_add_ps(real, _mm256_loadu_ps(q.added + c));
  const __m256 x = _mm256_min_ps(_mm256_max_ps(real, low), high);
  const __m256 whole = _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  return _mm256_add_epi32(_mm256_cvttps_epi32(whole), zero_point);
}

/// The first `count` of 8 sums.
inline void store_sums8(std::uint8_t* to, __m256i sums, std::int64_t count) noexcept {
  if (count >= 8) return _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), sums);
  alignas(32) std::uint8_t kept[32];
  _mm256_store_si256(reinterpret_cast<__m256i*>(kept), sums);
  if (count > 0) __builtin_memcpy(to, kept, static_cast<std::size_t>(4 * count));
}

/// Channels c to c + 15, as many of them as there are, of a row that begins at `row`.
inline void store16(const Requantize& q, std::int64_t c, __m256i first, __m256i second, std::uint8_t* row,
                    std::int64_t count) noexcept {
  if (q.rule == Rule::sums) {
    store_sums8(row + 4 * c, first, count);
    return store_sums8(row + 4 * c + 32, second, count - 8);
  }
  std::uint8_t* to = row + c;
  const __m256i words = _mm256_packs_epi32(requantize8(q, c, first), requantize8(q, c + 8, second));
  const __m256i ordered = _mm256_permute4x64_epi64(words, 0xD8);
  const __m128i low = _mm_set1_epi8(static_cast<char>(q.low)), high = _mm_set1_epi8(static_cast<char>(q.high));
  __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(ordered), _mm256_extracti128_si256(ordered, 1));
  bytes = _mm_xor_si128(_mm_max_epi8(_mm_min_epi8(bytes, high), low), _mm_set1_epi8(static_cast<char>(q.flip)));
  if (count >= 16) return _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
  alignas(16) std::uint8_t kept[16];
  _mm_store_si128(reinterpret_cast<__m128i*>(kept), bytes);
  __builtin_memcpy(to, kept, static_cast<std::size_t>(count));
}

}  // namespace
}  // namespace qgraph::kernels
