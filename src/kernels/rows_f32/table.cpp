// The kernels there are, best first.
#include "kernels/rows_f32/kernels.hpp"

namespace qgraph::kernels {

const RowsF32Kernel* rows_f32(Cpu chosen) noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
  for (const RowsF32Kernel* kernel : {&rows_f32_avx512_vnni, &rows_f32_avx2})
    if (serves(kernel->needs, chosen)) return kernel;
#endif
  (void)chosen;
  return nullptr;
}

}  // namespace qgraph::kernels
