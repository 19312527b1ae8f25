// Registers of 8 floats.
#include "kernels/depthwise_f32/windows.hpp"
#include "kernels/floats_avx2.hpp"

namespace qgraph::kernels {

constexpr DepthwiseF32Kernel depthwise_f32_avx2{"avx2", Cpu::avx2, windows<Eight>};

}  // namespace qgraph::kernels
