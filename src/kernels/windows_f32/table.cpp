// The kernels there are, best first.
#include "kernels/windows_f32/kernels.hpp"

namespace qgraph::kernels {

const WindowsF32Kernel* windows_f32(Cpu chosen) noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
  for (const WindowsF32Kernel* kernel : {&windows_f32_avx512_vnni, &windows_f32_avx2, &windows_f32_sse41})
    if (serves(kernel->needs, chosen)) return kernel;
#elif defined(__aarch64__) && defined(__GNUC__)
  if (serves(windows_f32_neon.needs, chosen)) return &windows_f32_neon;
#endif
  (void)chosen;
  return nullptr;
}

}  // namespace qgraph::kernels
