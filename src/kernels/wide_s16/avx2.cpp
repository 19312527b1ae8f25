// With AVX2.
#include "kernels/wide_s16/rows.hpp"

namespace qgraph::kernels {

extern constexpr WideS16Kernel wide_s16_avx2{"avx2", Cpu::avx2, split, finish};

}  // namespace qgraph::kernels
