// With SSE4.1.
#include "kernels/hybrid_f32/rows.hpp"

namespace qgraph::kernels {

extern constexpr HybridF32Kernel hybrid_f32_sse41{"sse41", Cpu::sse41, range_of, store_bytes, finish_row, settle_row};

}  // namespace qgraph::kernels
