// The kernels of this family, one file per instruction set.
#pragma once

#include "kernels/gemm_f32/gemm_f32.hpp"

namespace qgraph::kernels {

void gemm_f32_avx512_vnni(const GemmF32& gemm) noexcept;

}  // namespace qgraph::kernels
