// 8 elements at a time. Intrinsics and internal linkage only.
#include <immintrin.h>

#include "kernels/quantize_s8/kernels.hpp"

namespace qgraph::kernels {
namespace {

inline __m128i eight(const QuantizeS8& q, __m256 real) noexcept {
  const __m256 low = _mm256_set1_ps(static_cast<float>(q.low - q.zero_point)),
               high = _mm256_set1_ps(static_cast<float>(q.high - q.zero_point));
  __m256 x = _mm256_div_ps(real, _mm256_set1_ps(q.scale));
  x = _mm256_min_ps(_mm256_max_ps(x, low), high);  // limits are integers: clamping first changes nothing
  if (q.half_even) {
    x = _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  } else {  // what is added is the largest float below a half
    x = _mm256_add_ps(x, _mm256_or_ps(_mm256_and_ps(x, _mm256_set1_ps(-0.0F)), _mm256_set1_ps(0.49999997F)));
  }
  const __m256i stored = _mm256_add_epi32(_mm256_cvttps_epi32(x), _mm256_set1_epi32(q.zero_point));
  const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(stored), _mm256_extracti128_si256(stored, 1));
  return _mm_xor_si128(_mm_packs_epi16(words, words), _mm_set1_epi8(static_cast<char>(q.flip)));
}

}  // namespace

void quantize_s8_avx2(const QuantizeS8& q, const float* in, std::uint8_t* out, std::int64_t n) noexcept {
  std::int64_t i = 0;
  for (; i + 8 <= n; i += 8) _mm_storel_epi64(reinterpret_cast<__m128i*>(out + i), eight(q, _mm256_loadu_ps(in + i)));
  if (i == n) return;
  float rest[8] = {};
  std::uint8_t stored[8];
  __builtin_memcpy(rest, in + i, static_cast<std::size_t>(n - i) * sizeof(float));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(stored), eight(q, _mm256_loadu_ps(rest)));
  __builtin_memcpy(out + i, stored, static_cast<std::size_t>(n - i));
}

}  // namespace qgraph::kernels
