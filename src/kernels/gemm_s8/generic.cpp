// In portable C++.
#include "kernels/gemm_s8/kernels.hpp"
#include "kernels/requantize_scalar.hpp"

namespace qgraph::kernels {

void gemm_s8_generic(const GemmS8& g, std::int64_t rows, std::int64_t first, std::int64_t last) noexcept {
  for (std::int64_t m = 0; m < rows; ++m) {
    const std::uint8_t* row = g.input + m * g.row_stride;
    std::uint32_t total = 0;
    if (g.row_factor)
      for (std::int64_t run = 0; run < g.run_count; ++run)
        for (std::int64_t i = 0; i < g.run_bytes; ++i) total += row[g.runs[run] + i];
    for (std::int64_t v = first; v < last; ++v) {
      std::uint32_t sums[16];
      for (std::int64_t c = 0; c < 16; ++c) {
        sums[c] = static_cast<std::uint32_t>(g.bias[v * 16 + c]);
        if (g.row_factor) sums[c] += total * static_cast<std::uint32_t>(g.row_factor[v * 16 + c]);
      }
      const std::int8_t* w = g.weights + v * g.vector_bytes();
      for (std::int64_t run = 0; run < g.run_count; ++run) {
        const std::uint8_t* x = row + g.runs[run];
        for (std::int64_t quad = 0; quad < g.run_quads; ++quad, x += 4, w += 64)
          for (int c = 0; c < 16; ++c) {
            const std::int32_t sum = x[0] * w[4 * c] + x[1] * w[4 * c + 1] + x[2] * w[4 * c + 2] + x[3] * w[4 * c + 3];
            sums[c] += static_cast<std::uint32_t>(sum);
          }
      }
      const std::int64_t n = g.channels - v * 16 < 16 ? g.channels - v * 16 : 16;
      if (g.requantize.rule == Rule::sums) {
        __builtin_memcpy(g.output + m * g.output_stride + 64 * v, sums, static_cast<std::size_t>(4 * n));
        continue;
      }
      std::uint8_t* to = g.output + m * g.output_stride + v * 16;
      for (std::int64_t c = 0; c < n; ++c) to[c] = requantize_one(g.requantize, v * 16 + c, static_cast<std::int32_t>(sums[c]));
    }
  }
}

}  // namespace qgraph::kernels
