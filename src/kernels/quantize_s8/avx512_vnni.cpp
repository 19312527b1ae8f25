// 16 elements at a time. Intrinsics and internal linkage only.
#include <immintrin.h>

#include "kernels/quantize_s8/kernels.hpp"

namespace qgraph::kernels {

void quantize_s8_avx512_vnni(const QuantizeS8& q, const float* in, std::uint8_t* out, std::int64_t n) noexcept {
  const __m512 scale = _mm512_set1_ps(q.scale);
  const __m512 low = _mm512_set1_ps(static_cast<float>(q.low - q.zero_point)),
               high = _mm512_set1_ps(static_cast<float>(q.high - q.zero_point));
  const __m512i zero_point = _mm512_set1_epi32(q.zero_point), sign = _mm512_set1_epi32(static_cast<int>(0x80000000U));
  const __m512i half = _mm512_castps_si512(_mm512_set1_ps(0.49999997F));  // the largest float below a half
  const __m128i flip = _mm_set1_epi8(static_cast<char>(q.flip));
  for (std::int64_t i = 0; i < n; i += 16) {
    const std::int64_t left = n - i;
    const auto mask = static_cast<__mmask16>(left >= 16 ? 0xFFFF : (1U << left) - 1);
    __m512 x = _mm512_div_ps(_mm512_maskz_loadu_ps(mask, in + i), scale);
    x = _mm512_min_ps(_mm512_max_ps(x, low), high);  // limits are integers: clamping first changes nothing
    __m512i whole;
    if (q.half_even) {
      whole = _mm512_cvt_roundps_epi32(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    } else {
      const __m512i away = _mm512_or_si512(_mm512_and_si512(_mm512_castps_si512(x), sign), half);
      whole = _mm512_cvttps_epi32(_mm512_add_ps(x, _mm512_castsi512_ps(away)));
    }
    const __m128i bytes = _mm_xor_si128(_mm512_cvtsepi32_epi8(_mm512_add_epi32(whole, zero_point)), flip);
    if (left >= 16)
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), bytes);
    else
      _mm_mask_storeu_epi8(out + i, mask, bytes);
  }
}

}  // namespace qgraph::kernels
