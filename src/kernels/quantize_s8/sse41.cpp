// 4 elements at a time. Intrinsics and internal linkage only.
#include <smmintrin.h>

#include "kernels/quantize_s8/kernels.hpp"

namespace qgraph::kernels {
namespace {

/// Four bytes.
inline int four(const QuantizeS8& q, __m128 real) noexcept {
  const __m128 low = _mm_set1_ps(static_cast<float>(q.low - q.zero_point)),
               high = _mm_set1_ps(static_cast<float>(q.high - q.zero_point));
  __m128 x = _mm_div_ps(real, _mm_set1_ps(q.scale));
  x = _mm_min_ps(_mm_max_ps(x, low), high);  // limits are integers: clamping first changes nothing
  if (q.half_even) {
    x = _mm_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  } else {  // what is added is the largest float below a half
    x = _mm_add_ps(x, _mm_or_ps(_mm_and_ps(x, _mm_set1_ps(-0.0F)), _mm_set1_ps(0.49999997F)));
  }
  const __m128i stored = _mm_add_epi32(_mm_cvttps_epi32(x), _mm_set1_epi32(q.zero_point));
  const __m128i words = _mm_packs_epi32(stored, stored);
  return _mm_cvtsi128_si32(_mm_xor_si128(_mm_packs_epi16(words, words), _mm_set1_epi8(static_cast<char>(q.flip))));
}

}  // namespace

void quantize_s8_sse41(const QuantizeS8& q, const float* in, std::uint8_t* out, std::int64_t n) noexcept {
  std::int64_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const int stored = four(q, _mm_loadu_ps(in + i));
    __builtin_memcpy(out + i, &stored, 4);
  }
  if (i == n) return;
  float rest[4] = {};
  __builtin_memcpy(rest, in + i, static_cast<std::size_t>(n - i) * sizeof(float));
  const int stored = four(q, _mm_loadu_ps(rest));
  __builtin_memcpy(out + i, &stored, static_cast<std::size_t>(n - i));
}

}  // namespace qgraph::kernels
