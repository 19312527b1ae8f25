// Products of rows for files built for AArch64, with dot products or without. The left side's bytes become signed ones, 128 less:
// 128 times the sum of a channel's weights makes up for it. Everything here has internal linkage.
#pragma once

#include "kernels/gemm_s8/gemm_s8.hpp"
#include "kernels/requantize_neon.hpp"

namespace qgraph::kernels {
namespace {

inline std::int32_t sum_of_row(const GemmS8& g, const std::uint8_t* row) noexcept {
  std::uint32_t total = 0;
  for (std::int64_t run = 0; run < g.run_count; ++run) {
    const std::uint8_t* x = row + g.runs[run];
    std::int64_t i = 0;
    for (; i + 16 <= g.run_bytes; i += 16) total += vaddlvq_u8(vld1q_u8(x + i));
    for (; i < g.run_bytes; ++i) total += x[i];
  }
  return static_cast<std::int32_t>(total);
}

/// What sums of a vector's channels begin with: bias, and 128 times the sum of their weights.
inline void begin_sums(const GemmS8& g, std::int64_t vector, std::int32_t* begin) noexcept {
  Dots dots[4];
  const std::int8_t* w = g.weights + vector * g.vector_bytes();
  const int8x16_t ones = vdupq_n_s8(1);
  for (std::int64_t quad = 0; quad < g.run_count * g.run_quads; ++quad, w += 64)
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) dots[j].add(ones, vld1q_s8(w + 16 * j));
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j)
    vst1q_s32(begin + 4 * j, vaddq_s32(vld1q_s32(g.bias + vector * 16 + 4 * j), vshlq_n_s32(dots[j].total(), 7)));
}

template <int rows>
void tile(const GemmS8& g, std::int64_t row, std::int64_t vector, const std::int32_t* begin) noexcept {
  const std::uint8_t* input = g.input + row * g.row_stride;
  const std::int64_t channel = vector * 16;
  Dots sums[rows][4];
  const std::int8_t* w = g.weights + vector * g.vector_bytes();
  const int8x16_t flip = vdupq_n_s8(-128);
  for (std::int64_t run = 0; run < g.run_count; ++run) {
    const std::uint8_t* x = input + g.runs[run];
    for (std::int64_t quad = 0; quad < g.run_quads; ++quad, x += 4, w += 64) {
      int8x16_t fours[rows];
#pragma GCC unroll 6
      for (int r = 0; r < rows; ++r) {
        std::uint32_t four;
        __builtin_memcpy(&four, x + r * g.row_stride, 4);
        fours[r] = veorq_s8(vreinterpretq_s8_u32(vdupq_n_u32(four)), flip);
      }
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j) {
        const int8x16_t weights = vld1q_s8(w + 16 * j);
#pragma GCC unroll 6
        for (int r = 0; r < rows; ++r) sums[r][j].add(fours[r], weights);
      }
    }
  }
  const Requantize& q = g.requantize;
  for (int r = 0; r < rows; ++r) {
    int32x4_t values[4];
    const int32x4_t total = vdupq_n_s32(g.row_factor ? sum_of_row(g, input + r * g.row_stride) : 0);
    for (int j = 0; j < 4; ++j) {
      int32x4_t sum = vaddq_s32(sums[r][j].total(), vld1q_s32(begin + 4 * j));
      if (g.row_factor) sum = vmlaq_s32(sum, total, vld1q_s32(g.row_factor + channel + 4 * j));
      values[j] = requantize4(q, channel + 4 * j, sum);
    }
    if (q.rule == Rule::sums) {
      store_sums16(g.output + (row + r) * g.output_stride + 4 * channel, values, g.channels - channel);
      continue;
    }
    store_bytes(g.output + (row + r) * g.output_stride + channel,
                bytes16(values[0], values[1], values[2], values[3], q.low, q.high, q.flip), g.channels - channel);
  }
}

/// As many rows at a time as there are registers for.
template <int most_rows>
void run_rows(const GemmS8& g, std::int64_t rows, std::int64_t first, std::int64_t last) noexcept {
  for (std::int64_t v = first; v < last; ++v) {
    std::int32_t begin[16];
    begin_sums(g, v, begin);
    std::int64_t row = 0;
    for (; row + most_rows <= rows; row += most_rows) tile<most_rows>(g, row, v, begin);
    for (; row + 2 <= rows; row += 2) tile<2>(g, row, v, begin);
    if (row < rows) tile<1>(g, row, v, begin);
  }
}

}  // namespace
}  // namespace qgraph::kernels
