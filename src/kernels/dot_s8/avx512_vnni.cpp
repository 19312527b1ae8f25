// With AVX-512 VNNI: the row's bytes become unsigned ones, 128 more; 128 times the sum of the weights is taken off. Intrinsics
// and internal linkage only.
#include <immintrin.h>

#include "kernels/dot_s8/kernels.hpp"

namespace qgraph::kernels {

void dot_s8_avx512_vnni(const std::int8_t* weights, const std::int8_t* x, std::int64_t rows, std::int64_t columns,
                        std::int32_t* sums, std::int32_t* totals) noexcept {
  const __m512i flip = _mm512_set1_epi8(static_cast<char>(-128)), ones = _mm512_set1_epi8(1);
  const std::int64_t whole = columns / 64 * 64;
  const __mmask64 rest = (1ULL << (columns - whole)) - 1;
  const auto one = [&](const std::int8_t* w, std::int64_t r) __attribute__((always_inline)) {
    __m512i sum = _mm512_setzero_si512(), total = sum;
    for (std::int64_t i = 0; i < whole; i += 64) {
      const __m512i row = _mm512_loadu_si512(w + i);
      sum = _mm512_dpbusd_epi32(sum, _mm512_xor_si512(_mm512_loadu_si512(x + i), flip), row);
      total = _mm512_dpbusd_epi32(total, ones, row);
    }
    if (rest) {
      const __m512i row = _mm512_maskz_loadu_epi8(rest, w + whole);
      sum = _mm512_dpbusd_epi32(sum, _mm512_xor_si512(_mm512_maskz_loadu_epi8(rest, x + whole), flip), row);
      total = _mm512_dpbusd_epi32(total, ones, row);
    }
    totals[r] = _mm512_reduce_add_epi32(total);
    sums[r] = _mm512_reduce_add_epi32(_mm512_sub_epi32(sum, _mm512_slli_epi32(total, 7)));
  };
  for (std::int64_t r = 0; r < rows; ++r) one(weights + r * columns, r);
}

}  // namespace qgraph::kernels
