// The requantization rules on 16 sums, for files built with AVX-512. Everything here has internal linkage.
#pragma once

#include <immintrin.h>

#include "kernels/requantize_s8.hpp"

namespace qgraph::kernels {
namespace {

/// Even lanes from the high halves of one product, odd lanes from those of the other.
inline __attribute__((always_inline)) __m512i high_halves(__m512i even, __m512i odd) noexcept {
  return _mm512_mask_shuffle_epi32(odd, 0x5555, even, static_cast<_MM_PERM_ENUM>(0xF5));
}

/// (x * m + 2^30) >> 31
inline __attribute__((always_inline)) __m512i high_multiply16(__m512i x, __m512i m) noexcept {
  const __m512i half = _mm512_set1_epi64(std::int64_t{1} << 30);
  const __m512i even = _mm512_add_epi64(_mm512_mul_epi32(x, m), half);
  const __m512i odd = _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(x, 32), _mm512_srli_epi64(m, 32)), half);
  return _mm512_mask_mov_epi32(_mm512_srli_epi64(even, 31), 0xAAAA, _mm512_slli_epi64(odd, 1));
}

/// Constants of 16 channels, in registers.
struct FixedAboveZero {
  static constexpr std::int64_t bytes = 1;  ///< of a result
  __m512i multiplier, odd_multiplier, even_addend, odd_addend, shift;
  FixedAboveZero(const Requantize& q, std::int64_t c) noexcept
      : multiplier(_mm512_loadu_si512(q.multiplier + c)),
        odd_multiplier(_mm512_srli_epi64(multiplier, 32)),
        even_addend(_mm512_loadu_si512(q.addend + c)),
        odd_addend(_mm512_loadu_si512(q.addend + c + 8)),
        shift(_mm512_loadu_si512(q.shift + c)) {}
  __attribute__((always_inline)) __m512i operator()(__m512i sum) const noexcept {
    const __m512i even = _mm512_add_epi64(_mm512_mul_epi32(sum, multiplier), even_addend);
    const __m512i odd = _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(sum, 32), odd_multiplier), odd_addend);
    return _mm512_srav_epi32(high_halves(even, odd), shift);
  }
};

struct Fixed {
  static constexpr std::int64_t bytes = 1;
  __m512i multiplier, shift, zero_point;
  Fixed(const Requantize& q, std::int64_t c) noexcept
      : multiplier(_mm512_loadu_si512(q.multiplier + c)),
        shift(_mm512_loadu_si512(q.shift + c)),
        zero_point(_mm512_set1_epi32(q.zero_point)) {}
  __attribute__((always_inline)) __m512i operator()(__m512i sum) const noexcept {
    const __m512i high = high_multiply16(sum, multiplier);
    const __m512i shifted = _mm512_srav_epi32(_mm512_add_epi32(high, _mm512_srai_epi32(high, 31)), shift);
    return _mm512_add_epi32(_mm512_srai_epi32(_mm512_add_epi32(shifted, _mm512_set1_epi32(1)), 1), zero_point);
  }
};

struct FixedAny {
  static constexpr std::int64_t bytes = 1;
  __m512i multiplier, shift, left, shifted, zero_point, low, high;
  FixedAny(const Requantize& q, std::int64_t c) noexcept
      : multiplier(_mm512_loadu_si512(q.multiplier + c)),
        shift(_mm512_loadu_si512(q.shift + c)),
        left(_mm512_loadu_si512(q.left + c)),
        shifted(_mm512_loadu_si512(q.shifted + c)),
        zero_point(_mm512_set1_epi32(q.zero_point)),
        low(_mm512_set1_epi32(q.low - q.zero_point)),
        high(_mm512_set1_epi32(q.high - q.zero_point)) {}
  __attribute__((always_inline)) __m512i operator()(__m512i sum) const noexcept {
    const __m512i product = high_multiply16(_mm512_sllv_epi32(sum, left), multiplier);
    const __m512i below = _mm512_and_si512(_mm512_srai_epi32(product, 31), _mm512_sub_epi32(_mm512_setzero_si512(), shifted));
    const __m512i value =
        _mm512_srav_epi32(_mm512_add_epi32(_mm512_srav_epi32(_mm512_add_epi32(product, below), shift), shifted), shifted);
    return _mm512_add_epi32(_mm512_max_epi32(_mm512_min_epi32(value, high), low), zero_point);  // the sum might not fit before
  }
};

struct DoubleProduct {
  static constexpr std::int64_t bytes = 1;
  __m512d factor0, factor1, low, high;
  __m512i zero_point;
  DoubleProduct(const Requantize& q, std::int64_t c) noexcept
      : factor0(_mm512_loadu_pd(q.factor + c)),
        factor1(_mm512_loadu_pd(q.factor + c + 8)),
        low(_mm512_set1_pd(q.low - q.zero_point)),
        high(_mm512_set1_pd(q.high - q.zero_point)),
        zero_point(_mm512_set1_epi32(q.zero_point)) {}
  /// Half away from zero: what is added is the largest double below a half. Not a number becomes `low`.
  __attribute__((always_inline)) __m256i rounded(__m256i sum, __m512d factor) const noexcept {
    const __m512d x = _mm512_min_pd(_mm512_max_pd(_mm512_mul_pd(_mm512_cvtepi32_pd(sum), factor), low), high);
    const __m512d half = _mm512_or_pd(_mm512_and_pd(x, _mm512_set1_pd(-0.0)), _mm512_set1_pd(0.49999999999999994));
    return _mm512_cvttpd_epi32(_mm512_add_pd(x, half));
  }
  __attribute__((always_inline)) __m512i operator()(__m512i sum) const noexcept {
    const __m256i a = rounded(_mm512_castsi512_si256(sum), factor0), b = rounded(_mm512_extracti64x4_epi64(sum, 1), factor1);
    return _mm512_add_epi32(_mm512_inserti64x4(_mm512_castsi256_si512(a), b, 1), zero_point);
  }
};

struct NearestEven {
  static constexpr std::int64_t bytes = 1;
  __m512 scale, low, high;
  __m512i zero_point;
  NearestEven(const Requantize& q, std::int64_t c) noexcept
      : scale(_mm512_loadu_ps(q.scale + c)),
        low(_mm512_set1_ps(static_cast<float>(q.low - q.zero_point))),
        high(_mm512_set1_ps(static_cast<float>(q.high - q.zero_point))),
        zero_point(_mm512_set1_epi32(q.zero_point)) {}
  __attribute__((always_inline)) __m512i operator()(__m512i sum) const noexcept {
    const __m512 x = _mm512_min_ps(_mm512_max_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(sum), scale), low), high);
    return _mm512_add_epi32(_mm512_cvt_roundps_epi32(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC), zero_point);
  }
};

/// With a real that is added: a bias that sums cannot hold.
struct NearestEvenPlus {
  static constexpr std::int64_t bytes = 1;
  __m512 scale, added, low, high;
  __m512i zero_point;
  NearestEvenPlus(const Requantize& q, std::int64_t c) noexcept
      : scale(_mm512_loadu_ps(q.scale + c)),
        added(_mm512_loadu_ps(q.added + c)),
        low(_mm512_set1_ps(static_cast<float>(q.low - q.zero_point))),
        high(_mm512_set1_ps(static_cast<float>(q.high - q.zero_point))),
        zero_point(_mm512_set1_epi32(q.zero_point)) {}
  __attribute__((always_inline)) __m512i operator()(__m512i sum) const noexcept {
    const __m512 real = _mm512_add_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(sum), scale), added);
    const __m512 x = _mm512_min_ps(_mm512_max_ps(real, low), high);
    return _mm512_add_epi32(_mm512_cvt_roundps_epi32(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC), zero_point);
  }
};

/// Not rounded at all.
struct AsTheyAre {
  static constexpr std::int64_t bytes = 4;
  AsTheyAre(const Requantize&, std::int64_t) noexcept {}
};

}  // namespace
}  // namespace qgraph::kernels
