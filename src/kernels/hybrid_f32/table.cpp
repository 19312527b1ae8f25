// The kernels there are, best first.
#include "kernels/hybrid_f32/kernels.hpp"

namespace qgraph::kernels {

const HybridF32Kernel& hybrid_f32(Cpu chosen) noexcept {
  static constexpr const HybridF32Kernel* table[] = {
#if defined(__x86_64__) && defined(__GNUC__)
    &hybrid_f32_avx512_vnni,
    &hybrid_f32_avx2,
    &hybrid_f32_sse41,
#elif defined(__aarch64__) && defined(__GNUC__)
    &hybrid_f32_neon,
#endif
  };
  for (const HybridF32Kernel* kernel : table)
    if (serves(kernel->needs, chosen)) return *kernel;
  return hybrid_f32_generic;
}

}  // namespace qgraph::kernels
