// For every AArch64: products are 16 bits wide, added in pairs. Intrinsics and internal linkage only.
#include <arm_neon.h>

#include "kernels/dot_s8/kernels.hpp"

namespace qgraph::kernels {

void dot_s8_neon(const std::int8_t* weights, const std::int8_t* x, std::int64_t rows, std::int64_t columns, std::int32_t* sums,
                 std::int32_t* totals) noexcept {
  for (std::int64_t r = 0; r < rows; ++r, weights += columns) {
    int32x4_t sum = vdupq_n_s32(0), total = sum;
    const auto add = [&](int8x16_t row, int8x16_t other) __attribute__((always_inline)) {
      sum = vpadalq_s16(sum, vmull_s8(vget_low_s8(row), vget_low_s8(other)));
      sum = vpadalq_s16(sum, vmull_high_s8(row, other));
      total = vpadalq_s16(total, vpaddlq_s8(row));
    };
    std::int64_t i = 0;
    for (; i + 16 <= columns; i += 16) add(vld1q_s8(weights + i), vld1q_s8(x + i));
    if (i < columns) {
      std::int8_t row_rest[16] = {}, x_rest[16] = {};
      __builtin_memcpy(row_rest, weights + i, static_cast<std::size_t>(columns - i));
      __builtin_memcpy(x_rest, x + i, static_cast<std::size_t>(columns - i));
      add(vld1q_s8(row_rest), vld1q_s8(x_rest));
    }
    sums[r] = vaddvq_s32(sum);
    totals[r] = vaddvq_s32(total);
  }
}

}  // namespace qgraph::kernels
