// Two functions per instruction set, each in the file of its name.
#pragma once

#include "kernels/wide_s16/wide_s16.hpp"

namespace qgraph::kernels {

extern const WideS16Kernel wide_s16_generic;
extern const WideS16Kernel wide_s16_sse41;
extern const WideS16Kernel wide_s16_avx2;
extern const WideS16Kernel wide_s16_avx512_vnni;
extern const WideS16Kernel wide_s16_neon;

}  // namespace qgraph::kernels
