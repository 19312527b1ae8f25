// A table row per instruction set, each in the file of its name.
#pragma once

#include "kernels/depthwise_f32/depthwise_f32.hpp"

namespace qgraph::kernels {

extern const DepthwiseF32Kernel depthwise_f32_avx2;
extern const DepthwiseF32Kernel depthwise_f32_avx512_vnni;

}  // namespace qgraph::kernels
