// A table row per instruction set, each in the file of its name.
#pragma once

#include "kernels/functions_f32/functions_f32.hpp"

namespace qgraph::kernels {

extern const FunctionsF32Kernel functions_f32_neon;
extern const FunctionsF32Kernel functions_f32_sse41;
extern const FunctionsF32Kernel functions_f32_avx2;
extern const FunctionsF32Kernel functions_f32_avx512_vnni;

}  // namespace qgraph::kernels
