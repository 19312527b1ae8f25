// For every AArch64.
#include "kernels/hybrid_f32/rows.hpp"

namespace qgraph::kernels {

extern constexpr HybridF32Kernel hybrid_f32_neon{"neon", Cpu::neon, range_of, store_bytes, finish_row, settle_row};

}  // namespace qgraph::kernels
