// With AVX-512.
#include "kernels/wide_s16/rows.hpp"

namespace qgraph::kernels {

extern constexpr WideS16Kernel wide_s16_avx512_vnni{"avx512_vnni", Cpu::avx512_vnni, split, finish};

}  // namespace qgraph::kernels
