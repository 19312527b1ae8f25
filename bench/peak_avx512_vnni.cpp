// vpdpbusd of 512 bits, as often as the processor takes it. Intrinsics only.
#include <immintrin.h>

#include "roofline.hpp"

namespace qgraph::bench {

std::int64_t multiply_avx512_vnni(std::int64_t rounds) noexcept {
  constexpr int chains = 12;  // more than latency times throughput, fewer than registers
  __m512i sums[chains];
#pragma GCC unroll 12
  for (int i = 0; i < chains; ++i) sums[i] = _mm512_setzero_si512();
  __m512i x = _mm512_set1_epi8(3), w = _mm512_set1_epi8(-2);
  __asm__ volatile("" : "+v"(x), "+v"(w));
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < chains; ++i) {
      sums[i] = _mm512_dpbusd_epi32(sums[i], x, w);
      __asm__ volatile("" : "+v"(sums[i]));
    }
  }
  return rounds * chains * 64;
}

std::int64_t multiply_f32_avx512_vnni(std::int64_t rounds) noexcept {
  constexpr int chains = 12;
  __m512 sums[chains];
#pragma GCC unroll 12
  for (int i = 0; i < chains; ++i) sums[i] = _mm512_setzero_ps();
  __m512 x = _mm512_set1_ps(0.5F), w = _mm512_set1_ps(0.25F);
  __asm__ volatile("" : "+v"(x), "+v"(w));
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < chains; ++i) {
      sums[i] = _mm512_fmadd_ps(x, w, sums[i]);
      __asm__ volatile("" : "+v"(sums[i]));
    }
  }
  return rounds * chains * 16;
}

}  // namespace qgraph::bench
