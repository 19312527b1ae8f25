// vpmaddwd and the addition behind it, as often as the processor takes them: what kernels without vpdpbusd are made of.
#include <immintrin.h>

#include "roofline.hpp"

namespace qgraph::bench {

std::int64_t multiply_avx2(std::int64_t rounds) noexcept {
  constexpr int chains = 12;
  __m256i sums[chains];
#pragma GCC unroll 12
  for (int i = 0; i < chains; ++i) sums[i] = _mm256_setzero_si256();
  __m256i x = _mm256_set1_epi16(3), w = _mm256_set1_epi16(-2);
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < chains; ++i) {
      __asm__ volatile("" : "+x"(x), "+x"(w));  // a product each time
      sums[i] = _mm256_add_epi32(sums[i], _mm256_madd_epi16(x, w));
      __asm__ volatile("" : "+x"(sums[i]));
    }
  }
  return rounds * chains * 16;
}

std::int64_t multiply_f32_avx2(std::int64_t rounds) noexcept {
  constexpr int chains = 12;
  __m256 sums[chains];
#pragma GCC unroll 12
  for (int i = 0; i < chains; ++i) sums[i] = _mm256_setzero_ps();
  __m256 x = _mm256_set1_ps(0.5F), w = _mm256_set1_ps(0.25F);
  __asm__ volatile("" : "+x"(x), "+x"(w));
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < chains; ++i) {
      sums[i] = _mm256_fmadd_ps(x, w, sums[i]);
      __asm__ volatile("" : "+x"(sums[i]));
    }
  }
  return rounds * chains * 8;
}

}  // namespace qgraph::bench
