// A table row per instruction set, each in the file of its name.
#pragma once

#include "kernels/rows_f32/rows_f32.hpp"

namespace qgraph::kernels {

extern const RowsF32Kernel rows_f32_avx2;
extern const RowsF32Kernel rows_f32_avx512_vnni;

}  // namespace qgraph::kernels
