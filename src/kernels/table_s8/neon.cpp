// Four look-ups of 64 entries each: what lies outside of one's range it leaves alone. Intrinsics and internal linkage only.
#include <arm_neon.h>

#include "kernels/table_s8/kernels.hpp"

namespace qgraph::kernels {

void table_s8_neon(const std::uint8_t* table, const std::uint8_t* in, std::uint8_t* out, std::int64_t n) noexcept {
  uint8x16x4_t parts[4];
  for (int k = 0; k < 4; ++k) parts[k] = vld1q_u8_x4(table + 64 * k);
  std::int64_t i = 0;
  for (; i + 16 <= n; i += 16) {
    const uint8x16_t x = vld1q_u8(in + i);
    uint8x16_t found = vqtbl4q_u8(parts[0], x);
    found = vqtbx4q_u8(found, parts[1], vsubq_u8(x, vdupq_n_u8(64)));
    found = vqtbx4q_u8(found, parts[2], vsubq_u8(x, vdupq_n_u8(128)));
    vst1q_u8(out + i, vqtbx4q_u8(found, parts[3], vsubq_u8(x, vdupq_n_u8(192))));
  }
  for (; i < n; ++i) out[i] = table[in[i]];
}

}  // namespace qgraph::kernels
