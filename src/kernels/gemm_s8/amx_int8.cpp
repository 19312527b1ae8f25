// With AMX: products of 16 rows by 64 bytes with 64 bytes by 16 channels, two by two of them at a time; sums go through memory to
// AVX-512, which rounds. Packed weights are tiles as they lie. Built with flags of its own: intrinsics and internal linkage only.
#include "kernels/gemm_s8/kernels.hpp"
#include "kernels/gemm_s8/row_sums_avx512.hpp"
#include "kernels/requantize_avx512.hpp"

namespace qgraph::kernels {
namespace {

constexpr std::int64_t tile_rows = 16, most_quads = 16, rows_at_once = 32, vectors_at_once = 4;
constexpr std::int64_t resident_bytes = 24 << 10;
/// Rows whose bytes are summed at a time, where sums are wanted.
constexpr std::int64_t summed_rows = 256;

/// What the processor is told of its eight tiles: four of sums, two of rows, two of weights.
struct alignas(64) TileShapes {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {};
  std::uint8_t rows[16] = {};
};

/// Sums of 32 rows by 4 vectors.
struct alignas(64) Sums {
  std::int32_t of[vectors_at_once][rows_at_once][16];
};

/// Quads of a run that are taken at a time: all tiles of weights have so many rows.
std::int64_t quads_of_step(std::int64_t run_quads) noexcept {
  std::int64_t step = run_quads < most_quads ? run_quads : most_quads;
  while (run_quads % step != 0) --step;
  return step;
}

/// Sums of 16 or 32 rows by 1 or 2 vectors. The second 16 rows begin `second` rows behind the first.
template <bool two_rows, bool two_vectors>
void multiply(const GemmS8& g, const std::uint8_t* input, std::int64_t second, std::int64_t vector, std::int64_t step,
              std::int32_t (*sums)[rows_at_once][16]) noexcept {
  const std::int8_t *w0 = g.weights + vector * g.vector_bytes(), *w1 = w0 + g.vector_bytes();
  const std::int32_t* bias = g.bias + vector * 16;
  _tile_loadd(0, bias, 0);
  if constexpr (two_vectors) _tile_loadd(1, bias + 16, 0);
  if constexpr (two_rows) _tile_loadd(2, bias, 0);
  if constexpr (two_rows && two_vectors) _tile_loadd(3, bias + 16, 0);
  for (std::int64_t run = 0; run < g.run_count; ++run) {
    const std::uint8_t *x0 = input + g.runs[run], *x1 = x0 + second * g.row_stride;
    for (std::int64_t quad = 0; quad < g.run_quads; quad += step) {
      _tile_loadd(4, x0, g.row_stride);
      _tile_loadd(6, w0, 64);
      _tile_dpbusd(0, 4, 6);
      if constexpr (two_vectors) {
        _tile_loadd(7, w1, 64);
        _tile_dpbusd(1, 4, 7);
      }
      if constexpr (two_rows) {
        _tile_loadd(5, x1, g.row_stride);
        _tile_dpbusd(2, 5, 6);
        if constexpr (two_vectors) _tile_dpbusd(3, 5, 7);
      }
      x0 += 4 * step;
      x1 += 4 * step;
      w0 += 64 * step;
      w1 += 64 * step;
    }
  }
  _tile_stored(0, sums[0][0], 64);
  if constexpr (two_vectors) _tile_stored(1, sums[1][0], 64);
  if constexpr (two_rows) _tile_stored(2, sums[0][tile_rows], 64);
  if constexpr (two_rows && two_vectors) _tile_stored(3, sums[1][tile_rows], 64);
  __asm__ volatile("" ::: "memory");
}

template <class Rule>
void round(const Requantize& q, std::int64_t vector, std::int64_t vectors, std::int64_t first, std::int64_t last,
           Sums& sums) noexcept {
  for (std::int64_t v = 0; v < vectors; ++v) {
    const Rule rule(q, (vector + v) * 16);
    for (std::int64_t r = first; r < last; ++r) _mm512_store_si512(sums.of[v][r], rule(_mm512_load_si512(sums.of[v][r])));
  }
}

void round(const Requantize& q, std::int64_t vector, std::int64_t vectors, std::int64_t first, std::int64_t last,
           Sums& sums) noexcept {
  switch (q.rule) {
    case Rule::fixed_above_zero: return round<FixedAboveZero>(q, vector, vectors, first, last, sums);
    case Rule::fixed: return round<Fixed>(q, vector, vectors, first, last, sums);
    case Rule::fixed_any: return round<FixedAny>(q, vector, vectors, first, last, sums);
    case Rule::double_product: return round<DoubleProduct>(q, vector, vectors, first, last, sums);
    case Rule::nearest_even:
      return q.added ? round<NearestEvenPlus>(q, vector, vectors, first, last, sums)
                     : round<NearestEven>(q, vector, vectors, first, last, sums);
    case Rule::sums: return;
  }
}

/// Rows [first, last) of sums as they are; the first of them goes to `to`.
void store_sums(const GemmS8& g, std::int64_t vector, std::int64_t vectors, std::int64_t first, std::int64_t last,
                const Sums& sums, std::uint8_t* to) noexcept {
  for (std::int64_t r = first; r < last; ++r, to += g.output_stride)
    for (std::int64_t v = vector; v < vector + vectors; ++v) {
      const std::int64_t left = g.channels - 16 * v;
      const auto mask = static_cast<__mmask16>(left >= 16 ? 0xFFFF : (1U << left) - 1);
      _mm512_mask_storeu_epi32(to + 64 * v, mask, _mm512_load_si512(sums.of[v - vector][r]));
    }
}

/// What is off in weights of each channel, times the sum of a row's bytes.
void add_totals(const GemmS8& g, std::int64_t vector, std::int64_t vectors, std::int64_t first, std::int64_t last,
                const std::int32_t* totals, Sums& sums) noexcept {
  for (std::int64_t v = 0; v < vectors; ++v) {
    const __m512i factor = _mm512_loadu_si512(g.row_factor + (vector + v) * 16);
    for (std::int64_t r = first; r < last; ++r) {
      const __m512i product = _mm512_mullo_epi32(factor, _mm512_set1_epi32(totals[r - first]));
      _mm512_store_si512(sums.of[v][r], _mm512_add_epi32(_mm512_load_si512(sums.of[v][r]), product));
    }
  }
}

/// Rows [first, last) of sums become bytes; the first of them goes to `to`, and `totals`, if any, begin with its.
void finish(const GemmS8& g, std::int64_t vector, std::int64_t vectors, std::int64_t first, std::int64_t last,
            const std::int32_t* totals, Sums& sums, std::uint8_t* to) noexcept {
  const Requantize& q = g.requantize;
  if (totals) add_totals(g, vector, vectors, first, last, totals, sums);
  if (q.rule == Rule::sums) return store_sums(g, vector, vectors, first, last, sums, to);
  round(q, vector, vectors, first, last, sums);
  const __m512i low = _mm512_set1_epi8(static_cast<char>(q.low)), high = _mm512_set1_epi8(static_cast<char>(q.high));
  const __m512i flip = _mm512_set1_epi8(static_cast<char>(q.flip));
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  const std::int64_t left = g.channels - vector * 16, wanted = left < 16 * vectors ? left : 16 * vectors;
  const __mmask64 mask = wanted >= 64 ? ~0ULL : (1ULL << wanted) - 1;
  to += vector * 16;
  for (std::int64_t r = first; r < last; ++r, to += g.output_stride) {
    // Vectors that are not wanted hold anything.
    const __m512i a = _mm512_packs_epi32(_mm512_load_si512(sums.of[0][r]), _mm512_load_si512(sums.of[1][r]));
    const __m512i b = _mm512_packs_epi32(_mm512_load_si512(sums.of[2][r]), _mm512_load_si512(sums.of[3][r]));
    const __m512i bytes = _mm512_max_epi8(_mm512_min_epi8(_mm512_packs_epi16(a, b), high), low);
    _mm512_mask_storeu_epi8(to, mask, _mm512_permutexvar_epi32(order, _mm512_xor_si512(bytes, flip)));
  }
}

/// Rows [row, row + 32), or as many as there are, of up to 4 vectors. The last 16 rows may overlap those before, whose sums are
/// then made twice.
void block(const GemmS8& g, std::int64_t row, std::int64_t rows, std::int64_t vector, std::int64_t vectors, std::int64_t step,
           const std::int32_t* totals, Sums& sums) noexcept {
  const std::int64_t n = rows - row < rows_at_once ? rows - row : rows_at_once;
  const bool two_rows = n > tile_rows;
  const std::int64_t first = two_rows ? row : rows - tile_rows < row ? rows - tile_rows : row;
  const std::int64_t second = (row + 2 * tile_rows <= rows ? row + tile_rows : rows - tile_rows) - first;
  const std::uint8_t* input = g.input + first * g.row_stride;
  for (std::int64_t v = 0; v < vectors; v += 2) {
    const bool two_vectors = v + 2 <= vectors;
    const auto each = two_rows ? (two_vectors ? multiply<true, true> : multiply<true, false>)
                               : (two_vectors ? multiply<false, true> : multiply<false, false>);
    each(g, input, second, vector + v, step, sums.of + v);
  }
  std::uint8_t* to = g.output + row * g.output_stride;
  if (!two_rows) return finish(g, vector, vectors, row - first, tile_rows, totals, sums, to);
  const std::int64_t again = tile_rows - second;  // rows of the second tile that the first has
  finish(g, vector, vectors, 0, tile_rows, totals, sums, to);
  finish(g, vector, vectors, tile_rows + again, rows_at_once, totals ? totals + tile_rows : nullptr, sums,
         to + tile_rows * g.output_stride);
}

/// In cycles for 16 rows by 16 channels: two products of 16 quads each cycle without tiles; with them 16 cycles a step, and what
/// it takes to bring sums through memory.
bool pays(const GemmS8& g, std::int64_t rows, std::int64_t step) noexcept {
  return rows >= tile_rows && 8 * g.run_count * g.run_quads > 16 * g.run_count * (g.run_quads / step) + 30;
}

}  // namespace

void gemm_s8_amx_int8(const GemmS8& g, std::int64_t rows, std::int64_t first, std::int64_t last) noexcept {
  const std::int64_t step = quads_of_step(g.run_quads);
  if (!pays(g, rows, step)) return gemm_s8_avx512_vnni(g, rows, first, last);
  TileShapes shapes;
  for (int i = 0; i < 8; ++i) {
    shapes.row_bytes[i] = static_cast<std::uint16_t>(i == 4 || i == 5 ? 4 * step : 64);
    shapes.rows[i] = static_cast<std::uint8_t>(i >= 6 ? step : tile_rows);
  }
  __asm__ volatile("" ::: "memory");  // all of it is read
  _tile_loadconfig(&shapes);
  Sums sums;
  std::int32_t totals[summed_rows];
  const auto stretch = [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; g.row_factor && row < end; ++row)
      totals[row - begin] = sum_of_row(g, g.input + row * g.row_stride);
    const auto each = [&](std::int64_t row, std::int64_t v) {
      block(g, row, rows, v, last - v < vectors_at_once ? last - v : vectors_at_once, step,
            g.row_factor ? totals + (row - begin) : nullptr, sums);
    };
    if ((last - first) * g.vector_bytes() <= resident_bytes) {
      for (std::int64_t row = begin; row < end; row += rows_at_once)
        for (std::int64_t v = first; v < last; v += vectors_at_once) each(row, v);
    } else {
      for (std::int64_t v = first; v < last; v += vectors_at_once)
        for (std::int64_t row = begin; row < end; row += rows_at_once) each(row, v);
    }
  };
  for (std::int64_t begin = 0; begin < rows;) {
    const std::int64_t end = g.row_factor && rows - begin > summed_rows ? begin + summed_rows : rows;
    stretch(begin, end);
    begin = end;
  }
  _tile_release();
}

}  // namespace qgraph::kernels
