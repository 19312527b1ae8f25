// The kernels there are, best first.
#include "kernels/extreme_s8/kernels.hpp"

namespace qgraph::kernels {

const ExtremeS8Kernel* extreme_s8(Cpu chosen) noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
  for (const ExtremeS8Kernel* kernel : {&extreme_s8_avx512_vnni, &extreme_s8_avx2})
    if (serves(kernel->needs, chosen)) return kernel;
#endif
  (void)chosen;
  return nullptr;
}

}  // namespace qgraph::kernels
