// With AVX2.
#include "kernels/hybrid_f32/rows.hpp"

namespace qgraph::kernels {

extern constexpr HybridF32Kernel hybrid_f32_avx2{"avx2", Cpu::avx2, range_of, store_bytes, finish_row, settle_row};

}  // namespace qgraph::kernels
