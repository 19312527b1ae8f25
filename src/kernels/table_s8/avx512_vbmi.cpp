// With AVX-512 VBMI: two permutations of 128 bytes each look up 64 bytes. Intrinsics and internal linkage only.
#include <immintrin.h>

#include "kernels/table_s8/kernels.hpp"

namespace qgraph::kernels {

void table_s8_avx512_vbmi(const std::uint8_t* table, const std::uint8_t* in, std::uint8_t* out, std::int64_t n) noexcept {
  const __m512i a = _mm512_loadu_si512(table), b = _mm512_loadu_si512(table + 64), c = _mm512_loadu_si512(table + 128),
                d = _mm512_loadu_si512(table + 192);
  const auto look_up = [&](__m512i x) __attribute__((always_inline)) {
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(x), _mm512_permutex2var_epi8(a, x, b), _mm512_permutex2var_epi8(c, x, d));
  };
  std::int64_t i = 0;
  for (; i + 64 <= n; i += 64) _mm512_storeu_si512(out + i, look_up(_mm512_loadu_si512(in + i)));
  if (i == n) return;
  const __mmask64 mask = (1ULL << (n - i)) - 1;
  _mm512_mask_storeu_epi8(out + i, mask, look_up(_mm512_maskz_loadu_epi8(mask, in + i)));
}

}  // namespace qgraph::kernels
