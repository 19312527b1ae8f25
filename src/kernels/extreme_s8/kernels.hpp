// A table row per instruction set, each in the file of its name.
#pragma once

#include "kernels/extreme_s8/extreme_s8.hpp"

namespace qgraph::kernels {

extern const ExtremeS8Kernel extreme_s8_avx2;
extern const ExtremeS8Kernel extreme_s8_avx512_vnni;

}  // namespace qgraph::kernels
