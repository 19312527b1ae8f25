// vpdpbusd of 256 bits, as often as the processor takes it. Intrinsics only.
#include <immintrin.h>

#include "roofline.hpp"

namespace qgraph::bench {

std::int64_t multiply_avx_vnni(std::int64_t rounds) noexcept {
  constexpr int chains = 12;  // more than latency times throughput, fewer than registers
  __m256i sums[chains];
#pragma GCC unroll 12
  for (int i = 0; i < chains; ++i) sums[i] = _mm256_setzero_si256();
  __m256i x = _mm256_set1_epi8(3), w = _mm256_set1_epi8(-2);
  __asm__ volatile("" : "+v"(x), "+v"(w));
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < chains; ++i) {
      sums[i] = _mm256_dpbusd_avx_epi32(sums[i], x, w);
      __asm__ volatile("" : "+v"(sums[i]));
    }
  }
  return rounds * chains * 32;
}

}  // namespace qgraph::bench
