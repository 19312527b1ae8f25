// Sums of the bytes of a row, for files built with AVX-512. Everything here has internal linkage.
#pragma once

#include <immintrin.h>

#include "kernels/gemm_s8/gemm_s8.hpp"

namespace qgraph::kernels {
namespace {

std::int32_t sum_of_row(const GemmS8& g, const std::uint8_t* row) noexcept {
  __m512i total = _mm512_setzero_si512();
  for (std::int64_t run = 0; run < g.run_count; ++run) {
    const std::uint8_t* x = row + g.runs[run];
    for (std::int64_t i = 0; i < g.run_bytes; i += 64) {
      const std::int64_t left = g.run_bytes - i;
      const __mmask64 mask = left >= 64 ? ~0ULL : (1ULL << left) - 1;
      total = _mm512_add_epi64(total, _mm512_sad_epu8(_mm512_maskz_loadu_epi8(mask, x + i), _mm512_setzero_si512()));
    }
  }
  return static_cast<std::int32_t>(_mm512_reduce_add_epi64(total));
}

}  // namespace
}  // namespace qgraph::kernels
