// 16 elements at a time. Intrinsics and internal linkage only.
#include "kernels/requantize_avx512.hpp"
#include "kernels/sum_s8/kernels.hpp"

namespace qgraph::kernels {
namespace {

/// Fixed point with two roundings, without a zero point.
inline __attribute__((always_inline)) __m512i rescaled(__m512i x, __m512i multiplier, __m512i shift) noexcept {
  const __m512i high = high_multiply16(x, multiplier);
  const __m512i shifted = _mm512_srav_epi32(_mm512_add_epi32(high, _mm512_srai_epi32(high, 31)), shift);
  return _mm512_srai_epi32(_mm512_add_epi32(shifted, _mm512_set1_epi32(1)), 1);
}

template <bool halves>
inline __attribute__((always_inline)) __m512i scaled(__m128i bytes, const SumS8::Operand& o) noexcept {
  const __m512i x = _mm512_sub_epi32(_mm512_cvtepi8_epi32(bytes), _mm512_set1_epi32(o.zero_point));
  if (halves) return _mm512_slli_epi32(x, 19);
  return rescaled(_mm512_slli_epi32(x, 20), _mm512_set1_epi32(o.multiplier), _mm512_set1_epi32(o.shift));
}

template <bool x_halves, bool y_halves>
void sum(const SumS8& s, const std::uint8_t* x, const std::uint8_t* y, std::uint8_t* out, std::int64_t n) noexcept {
  const __m128i flip = _mm_set1_epi8(static_cast<char>(s.flip));
  const __m128i low = _mm_set1_epi8(static_cast<char>(s.low)), high = _mm_set1_epi8(static_cast<char>(s.high));
  for (std::int64_t i = 0; i < n; i += 16) {
    const std::int64_t left = n - i;
    const auto mask = static_cast<__mmask16>(left >= 16 ? 0xFFFF : (1U << left) - 1);
    const __m512i a = scaled<x_halves>(_mm_xor_si128(_mm_maskz_loadu_epi8(mask, x + i), flip), s.x);
    const __m512i b = scaled<y_halves>(_mm_xor_si128(_mm_maskz_loadu_epi8(mask, y + i), flip), s.y);
    const __m512i total = s.subtracts ? _mm512_sub_epi32(a, b) : _mm512_add_epi32(a, b);
    const __m512i value = _mm512_add_epi32(rescaled(total, _mm512_set1_epi32(s.result.multiplier), _mm512_set1_epi32(s.result.shift)),
                                           _mm512_set1_epi32(s.result.zero_point));
    const __m128i bytes = _mm_xor_si128(_mm_max_epi8(_mm_min_epi8(_mm512_cvtsepi32_epi8(value), high), low), flip);
    if (left >= 16) _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), bytes);
    else _mm_mask_storeu_epi8(out + i, mask, bytes);
  }
}

}  // namespace

void sum_s8_avx512_vnni(const SumS8& s, const std::uint8_t* x, const std::uint8_t* y, std::uint8_t* out, std::int64_t n) noexcept {
  if (s.x.halves) return s.y.halves ? sum<true, true>(s, x, y, out, n) : sum<true, false>(s, x, y, out, n);
  s.y.halves ? sum<false, true>(s, x, y, out, n) : sum<false, false>(s, x, y, out, n);
}

}  // namespace qgraph::kernels
