// In portable C++: vectors that the compiler takes apart where there are none.
#include "kernels/hybrid_f32/rows.hpp"

namespace qgraph::kernels {

extern constexpr HybridF32Kernel hybrid_f32_generic{"generic", Cpu::generic, range_of, store_bytes, finish_row, settle_row};

}  // namespace qgraph::kernels
