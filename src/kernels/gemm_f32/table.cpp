// The kernels there are, best first.
#include "kernels/gemm_f32/kernels.hpp"

namespace qgraph::kernels {

const GemmF32Kernel* gemm_f32(Cpu chosen) noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
  static constexpr GemmF32Kernel table[] = {{"avx512_vnni", Cpu::avx512_vnni, gemm_f32_avx512_vnni}};
  for (const GemmF32Kernel& kernel : table)
    if (serves(kernel.needs, chosen)) return &kernel;
#endif
  (void)chosen;
  return nullptr;
}

}  // namespace qgraph::kernels
