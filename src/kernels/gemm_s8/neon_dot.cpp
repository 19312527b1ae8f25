// With the dot products of ARMv8.2: 5 rows by 16 channels. Intrinsics and internal linkage only.
#include "kernels/gemm_s8/kernels.hpp"
#include "kernels/gemm_s8/rows_neon.hpp"

namespace qgraph::kernels {

void gemm_s8_neon_dot(const GemmS8& g, std::int64_t rows, std::int64_t first, std::int64_t last) noexcept {
  run_rows<5>(g, rows, first, last);
}

}  // namespace qgraph::kernels
