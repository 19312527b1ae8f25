// Four functions per instruction set, each in the file of its name.
#pragma once

#include "kernels/hybrid_f32/hybrid_f32.hpp"

namespace qgraph::kernels {

extern const HybridF32Kernel hybrid_f32_generic;
extern const HybridF32Kernel hybrid_f32_sse41;
extern const HybridF32Kernel hybrid_f32_avx2;
extern const HybridF32Kernel hybrid_f32_avx512_vnni;
extern const HybridF32Kernel hybrid_f32_neon;

}  // namespace qgraph::kernels
