// With AVX2: quads multiply as even and odd 16-bit numbers. Intrinsics and internal linkage only.
#include "kernels/depthwise_s8/kernels.hpp"
#include "kernels/depthwise_s8/lines_avx2.hpp"

namespace qgraph::kernels {
namespace {

struct SplitQuads {
  __m256i even, odd;
  explicit SplitQuads(__m256i bytes) noexcept
      : even(_mm256_and_si256(bytes, _mm256_set1_epi16(0x00FF))), odd(_mm256_srli_epi16(bytes, 8)) {}
  __m256i add_products(__m256i sums, __m256i weights) const noexcept {
    const __m256i even_weights = _mm256_srai_epi16(_mm256_slli_epi16(weights, 8), 8), odd_weights = _mm256_srai_epi16(weights, 8);
    return _mm256_add_epi32(sums, _mm256_add_epi32(_mm256_madd_epi16(even, even_weights), _mm256_madd_epi16(odd, odd_weights)));
  }
  __m256i add_totals(__m256i totals) const noexcept {
    return _mm256_add_epi32(totals, _mm256_madd_epi16(_mm256_add_epi16(even, odd), _mm256_set1_epi16(1)));
  }
};

}  // namespace

void depthwise_s8_avx2(const DepthwiseS8& d, const std::uint8_t* const* taps, std::ptrdiff_t step, std::int64_t pixels,
                       std::uint8_t* output) noexcept {
  run_lines<SplitQuads>(d, taps, step, pixels, output);
}

}  // namespace qgraph::kernels
