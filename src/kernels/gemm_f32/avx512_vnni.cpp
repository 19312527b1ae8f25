// Tiles of up to 6 rows and 32 columns, whose sums stay in registers. Intrinsics and internal linkage only.
#include <immintrin.h>

#include "kernels/gemm_f32/kernels.hpp"

namespace qgraph::kernels {
namespace {

constexpr int most_rows = 6;

/// The sums of one block of products are added to `sums`.
template <int rows, int vectors>
inline __attribute__((always_inline)) void add_block(const GemmF32& g, const float* a, const float* b, std::int64_t begin,
                                                     std::int64_t end, const __mmask16* masks,
                                                     __m512 (&sums)[rows][vectors]) noexcept {
  __m512 part[rows][vectors];
  for (int r = 0; r < rows; ++r)
    for (int v = 0; v < vectors; ++v) part[r][v] = _mm512_setzero_ps();
  for (std::int64_t k = begin; k < end; ++k) {
    __m512 columns[vectors];
    for (int v = 0; v < vectors; ++v) columns[v] = _mm512_maskz_loadu_ps(masks[v], b + k * g.b_depth + v * 16);
    for (int r = 0; r < rows; ++r) {
      const __m512 value = _mm512_set1_ps(a[r * g.a_row + k * g.a_depth]);
      for (int v = 0; v < vectors; ++v) part[r][v] = _mm512_fmadd_ps(value, columns[v], part[r][v]);
    }
  }
  for (int r = 0; r < rows; ++r)
    for (int v = 0; v < vectors; ++v) sums[r][v] = _mm512_add_ps(sums[r][v], part[r][v]);
}

/// A few products, each rounded.
template <int rows, int vectors>
inline __attribute__((always_inline)) void add_rounded(const GemmF32& g, const float* a, const float* b, std::int64_t begin,
                                                       std::int64_t end, const __mmask16* masks,
                                                       __m512 (&sums)[rows][vectors]) noexcept {
  for (int r = 0; r < rows; ++r)
    for (int v = 0; v < vectors; ++v) {
      __m512 part = _mm512_setzero_ps();
      for (std::int64_t k = begin; k < end; ++k) {
        const __m512 product = _mm512_mul_ps(_mm512_set1_ps(a[r * g.a_row + k * g.a_depth]),
                                             _mm512_maskz_loadu_ps(masks[v], b + k * g.b_depth + v * 16));
        part = k == begin ? product : _mm512_add_ps(part, product);
      }
      sums[r][v] = _mm512_add_ps(sums[r][v], part);
    }
}

template <int rows, int vectors>
void tile(const GemmF32& g, std::int64_t row, std::int64_t column) noexcept {
  const float* a = g.a + row * g.a_row;
  const float* b = g.b + column;
  __mmask16 masks[vectors];
  __m512 sums[rows][vectors];
  for (int v = 0; v < vectors; ++v) {
    const std::int64_t left = g.columns - column - v * 16;
    masks[v] = static_cast<__mmask16>(left >= 16 ? 0xFFFF : (1U << left) - 1);
    const __m512 first = g.column_bias ? _mm512_maskz_loadu_ps(masks[v], g.column_bias + column + v * 16) : _mm512_setzero_ps();
    for (int r = 0; r < rows; ++r) sums[r][v] = first;
  }
  if (g.fours) {
    for (std::int64_t k = 0; k < g.depth;) {
      const std::int64_t left = g.depth - k, end = k + (left >= 4 ? 4 : left >= 2 ? 2 : 1);
      add_rounded<rows, vectors>(g, a, b, k, end, masks, sums);
      k = end;
    }
  } else {
    for (std::int64_t k = 0; k < g.depth; k += g.block)
      add_block<rows, vectors>(g, a, b, k, g.depth - k > g.block ? k + g.block : g.depth, masks, sums);
  }
  const __m512 low = _mm512_set1_ps(g.low), high = _mm512_set1_ps(g.high);
  for (int r = 0; r < rows; ++r)
    for (int v = 0; v < vectors; ++v) {
      __m512 x = sums[r][v];
      if (g.row_bias) x = _mm512_add_ps(x, _mm512_set1_ps(g.row_bias[row + r]));
      x = _mm512_min_ps(high, _mm512_max_ps(low, x));  // in this order, NaN stays
      _mm512_mask_storeu_ps(g.out + (row + r) * g.out_row + column + v * 16, masks[v], x);
    }
}

template <int vectors>
void rows_of(const GemmF32& g, std::int64_t column) noexcept {
  std::int64_t row = 0;
  for (; row + most_rows <= g.rows; row += most_rows) tile<most_rows, vectors>(g, row, column);
  switch (g.rows - row) {
    case 1: return tile<1, vectors>(g, row, column);
    case 2: return tile<2, vectors>(g, row, column);
    case 3: return tile<3, vectors>(g, row, column);
    case 4: return tile<4, vectors>(g, row, column);
    case 5: return tile<5, vectors>(g, row, column);
    default: return;
  }
}

}  // namespace

void gemm_f32_avx512_vnni(const GemmF32& g) noexcept {
  for (std::int64_t column = 0; column < g.columns; column += 32) {
    if (g.columns - column > 16)
      rows_of<2>(g, column);
    else
      rows_of<1>(g, column);
  }
}

}  // namespace qgraph::kernels
