// The kernels there are, best first.
#include "kernels/resize_s8/kernels.hpp"

namespace qgraph::kernels {

const ResizeKernel* resize_s8(Cpu chosen) noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
  for (const ResizeKernel* kernel : {&resize_s8_avx512_vnni, &resize_s8_avx2})
    if (serves(kernel->needs, chosen)) return kernel;
#endif
  (void)chosen;
  return nullptr;
}

}  // namespace qgraph::kernels
