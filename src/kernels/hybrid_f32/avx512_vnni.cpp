// With AVX-512.
#include "kernels/hybrid_f32/rows.hpp"

namespace qgraph::kernels {

extern constexpr HybridF32Kernel hybrid_f32_avx512_vnni{"avx512_vnni", Cpu::avx512_vnni, range_of,
                                                        store_bytes,   finish_row,       settle_row};

}  // namespace qgraph::kernels
