// 8 elements at a time. Intrinsics and internal linkage only.
#include "kernels/requantize_avx2.hpp"
#include "kernels/sum_s8/kernels.hpp"

namespace qgraph::kernels {
namespace {

/// Fixed point with two roundings, without a zero point.
inline __m256i rescaled(__m256i x, const SumS8::Operand& o) noexcept {
  const __m256i high = high_multiply8(x, _mm256_set1_epi32(o.multiplier));
  const __m256i shifted = _mm256_srav_epi32(_mm256_add_epi32(high, _mm256_srai_epi32(high, 31)), _mm256_set1_epi32(o.shift));
  return _mm256_srai_epi32(_mm256_add_epi32(shifted, _mm256_set1_epi32(1)), 1);
}

inline __m256i scaled(__m128i bytes, const SumS8::Operand& o) noexcept {
  const __m256i x = _mm256_sub_epi32(_mm256_cvtepi8_epi32(bytes), _mm256_set1_epi32(o.zero_point));
  return o.halves ? _mm256_slli_epi32(x, 19) : rescaled(_mm256_slli_epi32(x, 20), o);
}

inline __m128i eight(const SumS8& s, __m128i x, __m128i y) noexcept {
  const __m128i flip = _mm_set1_epi8(static_cast<char>(s.flip));
  const __m256i a = scaled(_mm_xor_si128(x, flip), s.x), b = scaled(_mm_xor_si128(y, flip), s.y);
  const __m256i total = s.subtracts ? _mm256_sub_epi32(a, b) : _mm256_add_epi32(a, b);
  const __m256i value = _mm256_add_epi32(rescaled(total, s.result), _mm256_set1_epi32(s.result.zero_point));
  const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(value), _mm256_extracti128_si256(value, 1));
  const __m128i bytes = _mm_min_epi8(_mm_packs_epi16(words, words), _mm_set1_epi8(static_cast<char>(s.high)));
  return _mm_xor_si128(_mm_max_epi8(bytes, _mm_set1_epi8(static_cast<char>(s.low))), flip);
}

}  // namespace

void sum_s8_avx2(const SumS8& s, const std::uint8_t* x, const std::uint8_t* y, std::uint8_t* out, std::int64_t n) noexcept {
  const auto load = [](const void* p) { return _mm_loadl_epi64(static_cast<const __m128i*>(p)); };
  std::int64_t i = 0;
  for (; i + 8 <= n; i += 8) _mm_storel_epi64(reinterpret_cast<__m128i*>(out + i), eight(s, load(x + i), load(y + i)));
  if (i == n) return;
  std::uint8_t a[8] = {}, b[8] = {}, c[8];
  __builtin_memcpy(a, x + i, static_cast<std::size_t>(n - i));
  __builtin_memcpy(b, y + i, static_cast<std::size_t>(n - i));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(c), eight(s, load(a), load(b)));
  __builtin_memcpy(out + i, c, static_cast<std::size_t>(n - i));
}

}  // namespace qgraph::kernels
