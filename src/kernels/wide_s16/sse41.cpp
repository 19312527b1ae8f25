// With SSE4.1.
#include "kernels/wide_s16/rows.hpp"

namespace qgraph::kernels {

extern constexpr WideS16Kernel wide_s16_sse41{"sse41", Cpu::sse41, split, finish};

}  // namespace qgraph::kernels
