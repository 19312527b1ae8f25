// A table row per instruction set, each in the file of its name.
#pragma once

#include "kernels/average_s8/average_s8.hpp"

namespace qgraph::kernels {

extern const AverageS8Kernel average_s8_neon;
extern const AverageS8Kernel average_s8_sse41;
extern const AverageS8Kernel average_s8_avx2;
extern const AverageS8Kernel average_s8_avx512_vnni;

}  // namespace qgraph::kernels
