// With AVX-VNNI: the dot products of the AVX-512 kernel at half the width. Tiles of 6 rows by 16 channels. Intrinsics and
// internal linkage only.
#include "kernels/gemm_s8/kernels.hpp"
#include "kernels/requantize_avx2.hpp"

namespace qgraph::kernels {
namespace {

constexpr int most_rows = 6;
/// Weights of a line's vectors beyond this size do not stay in the first-level cache while rows go by.
constexpr std::int64_t resident_bytes = 24 << 10;

inline int load_quad(const std::uint8_t* p) noexcept {
  int quad;
  __builtin_memcpy(&quad, p, 4);
  return quad;
}

std::int32_t sum_of_row(const GemmS8& g, const std::uint8_t* row) noexcept {
  __m256i total = _mm256_setzero_si256();
  std::uint32_t rest = 0;
  for (std::int64_t run = 0; run < g.run_count; ++run) {
    const std::uint8_t* x = row + g.runs[run];
    std::int64_t i = 0;
    for (; i + 32 <= g.run_bytes; i += 32) total = _mm256_add_epi64(total, _mm256_sad_epu8(load8(x + i), _mm256_setzero_si256()));
    for (; i < g.run_bytes; ++i) rest += x[i];
  }
  alignas(32) std::uint64_t lanes[4];
  _mm256_store_si256(reinterpret_cast<__m256i*>(lanes), total);
  return static_cast<std::int32_t>(rest + static_cast<std::uint32_t>(lanes[0] + lanes[1] + lanes[2] + lanes[3]));
}

template <int rows>
void tile(const GemmS8& g, const std::uint8_t* input, std::int64_t vector, const std::int32_t* totals,
          std::uint8_t* output) noexcept {
  const std::int64_t channel = vector * 16;
  __m256i sums[rows][2];
  const __m256i bias0 = load8(g.bias + channel), bias1 = load8(g.bias + channel + 8);
#pragma GCC unroll 6
  for (int r = 0; r < rows; ++r) {
    sums[r][0] = bias0;
    sums[r][1] = bias1;
    if (!totals) continue;
    const __m256i total = _mm256_set1_epi32(totals[r]);
    sums[r][0] = _mm256_add_epi32(bias0, _mm256_mullo_epi32(total, load8(g.row_factor + channel)));
    sums[r][1] = _mm256_add_epi32(bias1, _mm256_mullo_epi32(total, load8(g.row_factor + channel + 8)));
  }
  const std::ptrdiff_t stride = g.row_stride;
  const std::int8_t* w = g.weights + vector * g.vector_bytes();
  for (std::int64_t run = 0; run < g.run_count; ++run) {
    const std::uint8_t* x = input + g.runs[run];
    const std::uint8_t* y = x + 3 * stride;  // every third row: the others are one or two strides off
    for (std::int64_t quad = 0; quad < g.run_quads; ++quad, x += 4, y += 4, w += 64) {
      const __m256i w0 = load8(w), w1 = load8(w + 32);
#pragma GCC unroll 6
      for (int r = 0; r < rows; ++r) {
        const __m256i four = _mm256_set1_epi32(load_quad((r < 3 ? x : y) + (r % 3) * stride));
        sums[r][0] = _mm256_dpbusd_avx_epi32(sums[r][0], four, w0);
        sums[r][1] = _mm256_dpbusd_avx_epi32(sums[r][1], four, w1);
      }
      // Keeps the compiler from moving sums between registers and memory.
#pragma GCC unroll 6
      for (int r = 0; r < rows; ++r) __asm__("" : "+x"(sums[r][0]), "+x"(sums[r][1]));
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < rows; ++r)
    store16(g.requantize, channel, sums[r][0], sums[r][1], output + r * g.output_stride, g.channels - channel);
}

using Tile = void (*)(const GemmS8&, const std::uint8_t*, std::int64_t, const std::int32_t*, std::uint8_t*) noexcept;
constexpr Tile tiles[most_rows + 1] = {nullptr, tile<1>, tile<2>, tile<3>, tile<4>, tile<5>, tile<6>};

}  // namespace

void gemm_s8_avx_vnni(const GemmS8& g, std::int64_t rows, std::int64_t first, std::int64_t last) noexcept {
  const std::int64_t pieces = (rows + most_rows - 1) / most_rows;
  const auto each = [&](std::int64_t piece, std::int64_t begin, std::int64_t end) __attribute__((always_inline)) {
    const std::int64_t from = rows * piece / pieces, to = rows * (piece + 1) / pieces;  // split evenly
    const std::uint8_t* input = g.input + from * g.row_stride;
    std::int32_t totals[most_rows];
    if (g.row_factor)
      for (std::int64_t r = 0; r < to - from; ++r) totals[r] = sum_of_row(g, input + r * g.row_stride);
    for (std::int64_t v = begin; v < end; ++v)
      tiles[to - from](g, input, v, g.row_factor ? totals : nullptr, g.output + from * g.output_stride);
  };
  // Rows outside where the weights stay near or sums of rows are wanted: those are computed once.
  if (g.row_factor || (last - first) * g.vector_bytes() <= resident_bytes) {
    for (std::int64_t piece = 0; piece < pieces; ++piece) each(piece, first, last);
  } else {
    for (std::int64_t v = first; v < last; ++v)
      for (std::int64_t piece = 0; piece < pieces; ++piece) each(piece, v, v + 1);
  }
}

}  // namespace qgraph::kernels
