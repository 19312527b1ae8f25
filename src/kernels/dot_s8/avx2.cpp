// With AVX2: bytes are widened to 16 bits, whose products are added in pairs. Intrinsics and internal linkage only.
#include <immintrin.h>

#include "kernels/dot_s8/kernels.hpp"

namespace qgraph::kernels {
namespace {

inline __m256i widened(const std::int8_t* p) noexcept {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}
inline std::int32_t of_lanes(__m256i v) noexcept {
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4E));
  return _mm_cvtsi128_si32(_mm_add_epi32(s, _mm_shuffle_epi32(s, 0xB1)));
}

}  // namespace

void dot_s8_avx2(const std::int8_t* weights, const std::int8_t* x, std::int64_t rows, std::int64_t columns, std::int32_t* sums,
                 std::int32_t* totals) noexcept {
  const __m256i ones = _mm256_set1_epi16(1);
  for (std::int64_t r = 0; r < rows; ++r, weights += columns) {
    __m256i sum = _mm256_setzero_si256(), total = sum;
    std::int64_t i = 0;
    for (; i + 16 <= columns; i += 16) {
      const __m256i row = widened(weights + i);
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(widened(x + i), row));
      total = _mm256_add_epi32(total, _mm256_madd_epi16(ones, row));
    }
    if (i < columns) {
      std::int8_t row_rest[16] = {}, x_rest[16] = {};
      __builtin_memcpy(row_rest, weights + i, static_cast<std::size_t>(columns - i));
      __builtin_memcpy(x_rest, x + i, static_cast<std::size_t>(columns - i));
      const __m256i row = widened(row_rest);
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(widened(x_rest), row));
      total = _mm256_add_epi32(total, _mm256_madd_epi16(ones, row));
    }
    sums[r] = of_lanes(sum);
    totals[r] = of_lanes(total);
  }
}

}  // namespace qgraph::kernels
