// For every AArch64.
#include "kernels/wide_s16/rows.hpp"

namespace qgraph::kernels {

extern constexpr WideS16Kernel wide_s16_neon{"neon", Cpu::neon, split, finish};

}  // namespace qgraph::kernels
