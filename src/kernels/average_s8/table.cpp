// The kernels there are, best first.
#include "kernels/average_s8/kernels.hpp"

namespace qgraph::kernels {

const AverageS8Kernel* average_s8(Cpu chosen) noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
  for (const AverageS8Kernel* kernel : {&average_s8_avx512_vnni, &average_s8_avx2, &average_s8_sse41})
    if (serves(kernel->needs, chosen)) return kernel;
#elif defined(__aarch64__) && defined(__GNUC__)
  if (serves(average_s8_neon.needs, chosen)) return &average_s8_neon;
#endif
  (void)chosen;
  return nullptr;
}

}  // namespace qgraph::kernels
