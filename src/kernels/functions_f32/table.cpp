// The kernels there are, best first.
#include "kernels/functions_f32/kernels.hpp"

namespace qgraph::kernels {

const FunctionsF32Kernel* functions_f32(Cpu chosen) noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
  for (const FunctionsF32Kernel* kernel : {&functions_f32_avx512_vnni, &functions_f32_avx2, &functions_f32_sse41})
    if (serves(kernel->needs, chosen)) return kernel;
#elif defined(__aarch64__) && defined(__GNUC__)
  if (serves(functions_f32_neon.needs, chosen)) return &functions_f32_neon;
#endif
  (void)chosen;
  return nullptr;
}

}  // namespace qgraph::kernels
