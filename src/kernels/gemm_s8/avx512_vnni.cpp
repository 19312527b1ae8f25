// With AVX-512 VNNI: tiles of up to 14 rows by 1, 12 by 2, 8 by 3 or 6 by 4 vectors of 16 channels stay in registers over the
// whole depth. Built with flags of its own: intrinsics and internal linkage only.
#include "kernels/gemm_s8/kernels.hpp"
#include "kernels/gemm_s8/row_sums_avx512.hpp"
#include "kernels/requantize_avx512.hpp"

namespace qgraph::kernels {
namespace {

constexpr std::int64_t most_rows[5] = {0, 14, 12, 8, 6};
/// Weights of a line's vectors beyond this size do not stay in the first-level cache while rows go by.
constexpr std::int64_t resident_bytes = 24 << 10;
/// Rows whose bytes are summed at a time, where sums are wanted.
constexpr std::int64_t summed_rows = 240;

inline __attribute__((always_inline)) int load_quad(const std::uint8_t* p) noexcept {
  int quad;
  __builtin_memcpy(&quad, p, 4);
  return quad;
}

template <int rows, class Rule>
inline __attribute__((always_inline)) void store(const __m512i* sums, const Rule& rule, const Requantize& q, std::uint8_t* to,
                                                 std::ptrdiff_t stride, std::int64_t channels) noexcept {
  const __m128i low = _mm_set1_epi8(static_cast<char>(q.low)), high = _mm_set1_epi8(static_cast<char>(q.high));
  const __m128i flip = _mm_set1_epi8(static_cast<char>(q.flip));
  const auto mask = static_cast<__mmask16>(channels >= 16 ? 0xFFFF : (1U << channels) - 1);
#pragma GCC unroll 14
  for (int r = 0; r < rows; ++r) {
    const __m128i bytes = _mm_max_epi8(_mm_min_epi8(_mm512_cvtsepi32_epi8(rule(sums[r])), high), low);
    if (channels >= 16)
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + r * stride), _mm_xor_si128(bytes, flip));
    else
      _mm_mask_storeu_epi8(to + r * stride, mask, _mm_xor_si128(bytes, flip));
  }
}

/// Rules that are not on the path of most layers: one copy for all tiles.
template <class Rule>
__attribute__((noinline)) void store_each(const __m512i* sums, int rows, const Requantize& q, std::int64_t channel,
                                          std::uint8_t* to, std::ptrdiff_t stride, std::int64_t channels) noexcept {
  const Rule rule(q, channel);
  for (int r = 0; r < rows; ++r) store<1>(sums + r, rule, q, to + r * stride, stride, channels);
}

template <int rows>
inline __attribute__((always_inline)) void store_sums(const __m512i* sums, const GemmS8& g, std::int64_t vector,
                                                      std::uint8_t* to) noexcept {
  const std::int64_t left = g.channels - vector * 16;
  const auto mask = static_cast<__mmask16>(left >= 16 ? 0xFFFF : (1U << left) - 1);
#pragma GCC unroll 14
  for (int r = 0; r < rows; ++r) _mm512_mask_storeu_epi32(to + r * g.output_stride + 64 * vector, mask, sums[r]);
}

template <int rows>
inline __attribute__((always_inline)) void finish(const __m512i* sums, const GemmS8& g, std::int64_t vector,
                                                  std::uint8_t* to) noexcept {
  const Requantize& q = g.requantize;
  const std::int64_t channel = vector * 16, channels = g.channels - channel;
  to += channel;
  switch (q.rule) {
    case Rule::fixed_above_zero: return store<rows>(sums, FixedAboveZero(q, channel), q, to, g.output_stride, channels);
    case Rule::fixed: return store<rows>(sums, Fixed(q, channel), q, to, g.output_stride, channels);
    case Rule::nearest_even:
      if (!q.added) return store<rows>(sums, NearestEven(q, channel), q, to, g.output_stride, channels);
      break;
    default: break;
  }
  __m512i kept[rows];
#pragma GCC unroll 14
  for (int r = 0; r < rows; ++r) kept[r] = sums[r];
  switch (q.rule) {
    case Rule::fixed_any: return store_each<FixedAny>(kept, rows, q, channel, to, g.output_stride, channels);
    case Rule::double_product: return store_each<DoubleProduct>(kept, rows, q, channel, to, g.output_stride, channels);
    default: return store_each<NearestEvenPlus>(kept, rows, q, channel, to, g.output_stride, channels);
  }
}

/// Sums of a column of rows become results, in place.
template <int rows, class Rule>
inline __attribute__((always_inline)) void round_column(__m512i* sums, const Rule& rule) noexcept {
#pragma GCC unroll 12
  for (int r = 0; r < rows; ++r) sums[r] = rule(sums[r]);
}

/// Results of 2 to 4 vectors become bytes that lie side by side, a row at a time.
template <int rows, int vectors>
inline __attribute__((always_inline)) void store_rows(const __m512i (&values)[vectors][rows], const Requantize& q,
                                                      std::uint8_t* to, std::ptrdiff_t stride, std::int64_t channels) noexcept {
  const __m512i low = _mm512_set1_epi8(static_cast<char>(q.low)), high = _mm512_set1_epi8(static_cast<char>(q.high));
  const __m512i flip = _mm512_set1_epi8(static_cast<char>(q.flip));
  // Packing leaves fours of all vectors side by side.
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  constexpr __mmask64 all = vectors == 4 ? ~0ULL : (1ULL << (16 * vectors)) - 1;
  const __mmask64 mask = channels >= 16 * vectors ? all : (1ULL << channels) - 1;
#pragma GCC unroll 12
  for (int r = 0; r < rows; ++r) {
    const __m512i first = _mm512_packs_epi32(values[0][r], values[1][r]);
    const __m512i second = vectors == 2 ? first : _mm512_packs_epi32(values[vectors > 2 ? 2 : 0][r], values[vectors - 1][r]);
    const __m512i clamped = _mm512_max_epi8(_mm512_min_epi8(_mm512_packs_epi16(first, second), high), low);
    const __m512i bytes = _mm512_permutexvar_epi32(order, _mm512_xor_si512(clamped, flip));
    if (vectors == 4 && mask == all)
      _mm512_storeu_si512(to + r * stride, bytes);
    else if (vectors == 2 && mask == all)
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + r * stride), _mm512_castsi512_si256(bytes));
    else
      _mm512_mask_storeu_epi8(to + r * stride, mask, bytes);
  }
}

/// With the rules that most layers have. False: it is another one.
template <int rows, int vectors>
inline __attribute__((always_inline)) bool finish_rows(__m512i (&sums)[vectors][rows], const GemmS8& g, std::int64_t vector,
                                                       std::uint8_t* output) noexcept {
  const Requantize& q = g.requantize;
  const std::int64_t channel = vector * 16;
  if (q.rule == Rule::fixed_above_zero) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) round_column<rows>(sums[v], FixedAboveZero(q, channel + 16 * v));
  } else if (q.rule == Rule::fixed) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) round_column<rows>(sums[v], Fixed(q, channel + 16 * v));
  } else {
    return false;
  }
  store_rows<rows, vectors>(sums, q, output + channel, g.output_stride, g.channels - channel);
  return true;
}

template <int rows, int vectors>
void tile(const GemmS8& g, const std::uint8_t* input, std::int64_t vector, const std::int32_t* totals,
          std::uint8_t* output) noexcept {
  constexpr int bases = (rows + 2) / 3;
  __m512i sums[vectors][rows];
#pragma GCC unroll 4
  for (int v = 0; v < vectors; ++v) {
    const __m512i bias = _mm512_loadu_si512(g.bias + (vector + v) * 16);
#pragma GCC unroll 14
    for (int r = 0; r < rows; ++r) sums[v][r] = bias;
    if (totals) {
      const __m512i factor = _mm512_loadu_si512(g.row_factor + (vector + v) * 16);
#pragma GCC unroll 14
      for (int r = 0; r < rows; ++r)
        sums[v][r] = _mm512_add_epi32(sums[v][r], _mm512_mullo_epi32(factor, _mm512_set1_epi32(totals[r])));
    }
  }
  const std::ptrdiff_t stride = g.row_stride, next_vector = g.vector_bytes();
  const std::int8_t* w = g.weights + vector * next_vector;
  for (std::int64_t run = 0; run < g.run_count; ++run) {
    const std::uint8_t* x[bases];  // every third row: the others are one or two strides off
#pragma GCC unroll 5
    for (int b = 0; b < bases; ++b) x[b] = input + g.runs[run] + 3 * b * stride;
    for (std::int64_t quad = 0; quad < g.run_quads; ++quad) {
      __m512i weights[vectors];
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) weights[v] = _mm512_loadu_si512(w + v * next_vector);
#pragma GCC unroll 14
      for (int r = 0; r < rows; ++r) {
        const __m512i four = _mm512_set1_epi32(load_quad(x[r / 3] + (r % 3) * stride));
#pragma GCC unroll 4
        for (int v = 0; v < vectors; ++v) sums[v][r] = _mm512_dpbusd_epi32(sums[v][r], four, weights[v]);
      }
      // Keeps the compiler from moving sums between registers and memory.
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v)
#pragma GCC unroll 14
        for (int r = 0; r < rows; ++r) __asm__("" : "+v"(sums[v][r]));
#pragma GCC unroll 5
      for (int b = 0; b < bases; ++b) x[b] += 4;
      w += 64;
    }
  }
  if (g.requantize.rule == Rule::sums) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) store_sums<rows>(sums[v], g, vector + v, output);
    return;
  }
  if constexpr (vectors > 1)
    if (finish_rows<rows, vectors>(sums, g, vector, output)) return;
#pragma GCC unroll 4
  for (int v = 0; v < vectors; ++v) finish<rows>(sums[v], g, vector + v, output);
}

using Tile = void (*)(const GemmS8&, const std::uint8_t*, std::int64_t, const std::int32_t*, std::uint8_t*) noexcept;
constexpr Tile tiles[5][15] = {
    {},
    {nullptr, tile<1, 1>, tile<2, 1>, tile<3, 1>, tile<4, 1>, tile<5, 1>, tile<6, 1>, tile<7, 1>, tile<8, 1>, tile<9, 1>,
     tile<10, 1>, tile<11, 1>, tile<12, 1>, tile<13, 1>, tile<14, 1>},
    {nullptr, tile<1, 2>, tile<2, 2>, tile<3, 2>, tile<4, 2>, tile<5, 2>, tile<6, 2>, tile<7, 2>, tile<8, 2>, tile<9, 2>,
     tile<10, 2>, tile<11, 2>, tile<12, 2>},
    {nullptr, tile<1, 3>, tile<2, 3>, tile<3, 3>, tile<4, 3>, tile<5, 3>, tile<6, 3>, tile<7, 3>, tile<8, 3>},
    {nullptr, tile<1, 4>, tile<2, 4>, tile<3, 4>, tile<4, 4>, tile<5, 4>, tile<6, 4>}};

/// All vectors of some rows; `step` vectors at a time. Rows are split evenly.
void block(const GemmS8& g, std::int64_t begin, std::int64_t rows, std::int64_t first, std::int64_t last, std::int64_t step,
           const std::int32_t* totals) noexcept {
  const std::int64_t pieces = (rows + most_rows[step] - 1) / most_rows[step];
  const auto each = [&](std::int64_t piece, std::int64_t vector) __attribute__((always_inline)) {
    const std::int64_t from = rows * piece / pieces, to = rows * (piece + 1) / pieces;
    const std::int64_t vectors = last - vector < step ? last - vector : step;
    tiles[vectors][to - from](g, g.input + (begin + from) * g.row_stride, vector, totals ? totals + from : nullptr,
                              g.output + (begin + from) * g.output_stride);
  };
  if ((last - first) * g.vector_bytes() <= resident_bytes) {
    for (std::int64_t piece = 0; piece < pieces; ++piece)
      for (std::int64_t v = first; v < last; v += step) each(piece, v);
  } else {
    for (std::int64_t v = first; v < last; v += step)
      for (std::int64_t piece = 0; piece < pieces; ++piece) each(piece, v);
  }
}

}  // namespace

void gemm_s8_avx512_vnni(const GemmS8& g, std::int64_t rows, std::int64_t first, std::int64_t last) noexcept {
  const std::int64_t vectors = last - first;
  const std::int64_t step = vectors == 1 ? 1 : vectors % 4 == 0 ? 4 : vectors % 3 == 0 && vectors > 3 ? 3 : rows < 6 ? 4 : 2;
  if (!g.row_factor) return block(g, 0, rows, first, last, step, nullptr);
  std::int32_t totals[summed_rows];
  for (std::int64_t begin = 0; begin < rows; begin += summed_rows) {
    const std::int64_t n = rows - begin < summed_rows ? rows - begin : summed_rows;
    for (std::int64_t r = 0; r < n; ++r) totals[r] = sum_of_row(g, g.input + (begin + r) * g.row_stride);
    block(g, begin, n, first, last, step, totals);
  }
}

}  // namespace qgraph::kernels
