// Registers of 16 floats.
#include "kernels/depthwise_f32/windows.hpp"
#include "kernels/floats_avx512.hpp"

namespace qgraph::kernels {

constexpr DepthwiseF32Kernel depthwise_f32_avx512_vnni{"avx512_vnni", Cpu::avx512_vnni, windows<Sixteen>};

}  // namespace qgraph::kernels
