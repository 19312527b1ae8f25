// With SSE4.1: the four bytes of a quad are split into even and odd ones, as 16-bit numbers; two multiply-adds of pairs make
// exact sums. Tiles of 2 rows by 16 channels. Intrinsics and internal linkage only.
#include "kernels/gemm_s8/kernels.hpp"
#include "kernels/requantize_sse41.hpp"

namespace qgraph::kernels {
namespace {

inline int load_quad(const std::uint8_t* p) noexcept {
  int quad;
  __builtin_memcpy(&quad, p, 4);
  return quad;
}

std::int32_t sum_of_row(const GemmS8& g, const std::uint8_t* row) noexcept {
  std::uint32_t total = 0;
  for (std::int64_t run = 0; run < g.run_count; ++run)
    for (std::int64_t i = 0; i < g.run_bytes; ++i) total += row[g.runs[run] + i];
  return static_cast<std::int32_t>(total);
}

template <int rows>
void tile(const GemmS8& g, const std::uint8_t* input, std::int64_t vector, const std::int32_t* totals,
          std::uint8_t* output) noexcept {
  const std::int64_t channel = vector * 16;
  __m128i sums[rows][4];
#pragma GCC unroll 2
  for (int r = 0; r < rows; ++r)
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      sums[r][j] = load4(g.bias + channel + 4 * j);
      if (totals)
        sums[r][j] = _mm_add_epi32(sums[r][j], _mm_mullo_epi32(_mm_set1_epi32(totals[r]), load4(g.row_factor + channel + 4 * j)));
    }
  const std::int8_t* w = g.weights + vector * g.vector_bytes();
  for (std::int64_t run = 0; run < g.run_count; ++run) {
    const std::uint8_t* x = input + g.runs[run];
    for (std::int64_t quad = 0; quad < g.run_quads; ++quad, x += 4, w += 64) {
      const SplitBytes first(_mm_set1_epi32(load_quad(x))), second(_mm_set1_epi32(load_quad(rows > 1 ? x + g.row_stride : x)));
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j) {
        const __m128i weights = load4(w + 16 * j);
        sums[0][j] = _mm_add_epi32(sums[0][j], first.times(weights));
        if (rows > 1) sums[rows - 1][j] = _mm_add_epi32(sums[rows - 1][j], second.times(weights));
      }
    }
  }
  const Requantize& q = g.requantize;
  for (int r = 0; r < rows; ++r) {
    if (q.rule == Rule::sums) {
      store_sums16(output + r * g.output_stride + 4 * channel, sums[r], g.channels - channel);
      continue;
    }
    store_bytes(output + r * g.output_stride + channel,
                bytes16(q, requantize4(q, channel, sums[r][0]), requantize4(q, channel + 4, sums[r][1]),
                        requantize4(q, channel + 8, sums[r][2]), requantize4(q, channel + 12, sums[r][3])),
                g.channels - channel);
  }
}

}  // namespace

void gemm_s8_sse41(const GemmS8& g, std::int64_t rows, std::int64_t first, std::int64_t last) noexcept {
  for (std::int64_t r = 0; r < rows; r += 2) {
    const std::uint8_t* input = g.input + r * g.row_stride;
    std::uint8_t* output = g.output + r * g.output_stride;
    const bool both = r + 1 < rows;
    std::int32_t totals[2] = {};
    if (g.row_factor) {
      totals[0] = sum_of_row(g, input);
      if (both) totals[1] = sum_of_row(g, input + g.row_stride);
    }
    for (std::int64_t v = first; v < last; ++v) (both ? tile<2> : tile<1>)(g, input, v, g.row_factor ? totals : nullptr, output);
  }
}

}  // namespace qgraph::kernels
