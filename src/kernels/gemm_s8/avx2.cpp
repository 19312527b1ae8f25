// With AVX2: the four bytes of a quad are split into even and odd ones, as 16-bit numbers, on both sides; two multiply-adds of
// pairs make exact sums (their 8-bit cousin would saturate). Tiles of 4 rows by 16 channels. Intrinsics and internal linkage
// only.
#include "kernels/gemm_s8/kernels.hpp"
#include "kernels/requantize_avx2.hpp"

namespace qgraph::kernels {
namespace {

inline int load_quad(const std::uint8_t* p) noexcept {
  int quad;
  __builtin_memcpy(&quad, p, 4);
  return quad;
}

template <int rows>
void tile(const GemmS8& g, const std::uint8_t* input, std::int64_t vector, std::uint8_t* output) noexcept {
  __m256i sums[rows][2];
  const __m256i bias0 = load8(g.bias + vector * 16), bias1 = load8(g.bias + vector * 16 + 8);
#pragma GCC unroll 4
  for (int r = 0; r < rows; ++r) {
    sums[r][0] = bias0;
    sums[r][1] = bias1;
  }
  const std::int8_t* w = g.weights + vector * g.vector_bytes();
  const __m256i evens = _mm256_set1_epi32(0x00FF00FF);
  for (std::int64_t run = 0; run < g.run_count; ++run) {
    const std::uint8_t* x = input + g.runs[run];
    for (std::int64_t quad = 0; quad < g.run_quads; ++quad, x += 4, w += 64) {
      const __m256i w0 = load8(w), w1 = load8(w + 32);
      const __m256i even0 = _mm256_srai_epi16(_mm256_slli_epi16(w0, 8), 8), odd0 = _mm256_srai_epi16(w0, 8);
      const __m256i even1 = _mm256_srai_epi16(_mm256_slli_epi16(w1, 8), 8), odd1 = _mm256_srai_epi16(w1, 8);
#pragma GCC unroll 4
      for (int r = 0; r < rows; ++r) {
        const __m256i four = _mm256_set1_epi32(load_quad(x + r * g.row_stride));
        const __m256i even = _mm256_and_si256(four, evens), odd = _mm256_srli_epi16(four, 8);
        sums[r][0] = _mm256_add_epi32(sums[r][0], _mm256_add_epi32(_mm256_madd_epi16(even, even0), _mm256_madd_epi16(odd, odd0)));
        sums[r][1] = _mm256_add_epi32(sums[r][1], _mm256_add_epi32(_mm256_madd_epi16(even, even1), _mm256_madd_epi16(odd, odd1)));
      }
    }
  }
  const std::int64_t channel = vector * 16;
  for (int r = 0; r < rows; ++r) {
    if (g.row_factor) {
      std::int32_t total = 0;
      for (std::int64_t run = 0; run < g.run_count; ++run)
        for (std::int64_t i = 0; i < g.run_bytes; ++i) total += input[r * g.row_stride + g.runs[run] + i];
      const __m256i sum = _mm256_set1_epi32(total);
      sums[r][0] = _mm256_add_epi32(sums[r][0], _mm256_mullo_epi32(sum, load8(g.row_factor + channel)));
      sums[r][1] = _mm256_add_epi32(sums[r][1], _mm256_mullo_epi32(sum, load8(g.row_factor + channel + 8)));
    }
    store16(g.requantize, channel, sums[r][0], sums[r][1], output + r * g.output_stride, g.channels - channel);
  }
}

using Tile = void (*)(const GemmS8&, const std::uint8_t*, std::int64_t, std::uint8_t*) noexcept;
constexpr Tile tiles[5] = {nullptr, tile<1>, tile<2>, tile<3>, tile<4>};

}  // namespace

void gemm_s8_avx2(const GemmS8& g, std::int64_t rows, std::int64_t first, std::int64_t last) noexcept {
  for (std::int64_t v = first; v < last; ++v)
    for (std::int64_t r = 0; r < rows; r += 4)
      tiles[rows - r < 4 ? rows - r : 4](g, g.input + r * g.row_stride, v, g.output + r * g.output_stride);
}

}  // namespace qgraph::kernels
