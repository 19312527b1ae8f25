// The kernels there are, best first.
#include "kernels/depthwise_f32/kernels.hpp"

namespace qgraph::kernels {

const DepthwiseF32Kernel* depthwise_f32(Cpu chosen) noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
  for (const DepthwiseF32Kernel* kernel : {&depthwise_f32_avx512_vnni, &depthwise_f32_avx2})
    if (serves(kernel->needs, chosen)) return kernel;
#endif
  (void)chosen;
  return nullptr;
}

}  // namespace qgraph::kernels
