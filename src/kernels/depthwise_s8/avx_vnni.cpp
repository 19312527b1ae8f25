// With AVX-VNNI: quads multiply by dot products. Intrinsics and internal linkage only.
#include "kernels/depthwise_s8/kernels.hpp"
#include "kernels/depthwise_s8/lines_avx2.hpp"

namespace qgraph::kernels {
namespace {

struct DotQuads {
  __m256i bytes;
  explicit DotQuads(__m256i four) noexcept : bytes(four) {}
  __m256i add_products(__m256i sums, __m256i weights) const noexcept { return _mm256_dpbusd_avx_epi32(sums, bytes, weights); }
  __m256i add_totals(__m256i totals) const noexcept { return _mm256_dpbusd_avx_epi32(totals, bytes, _mm256_set1_epi8(1)); }
};

}  // namespace

void depthwise_s8_avx_vnni(const DepthwiseS8& d, const std::uint8_t* const* taps, std::ptrdiff_t step, std::int64_t pixels,
                           std::uint8_t* output) noexcept {
  run_lines<DotQuads>(d, taps, step, pixels, output);
}

}  // namespace qgraph::kernels
