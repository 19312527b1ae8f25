// The kernels there are, best first.
#include "kernels/wide_s16/kernels.hpp"

namespace qgraph::kernels {

const WideS16Kernel& wide_s16(Cpu chosen) noexcept {
  static constexpr const WideS16Kernel* table[] = {
#if defined(__x86_64__) && defined(__GNUC__)
    &wide_s16_avx512_vnni,
    &wide_s16_avx2,
    &wide_s16_sse41,
#elif defined(__aarch64__) && defined(__GNUC__)
    &wide_s16_neon,
#endif
  };
  for (const WideS16Kernel* kernel : table)
    if (serves(kernel->needs, chosen)) return *kernel;
  return wide_s16_generic;
}

}  // namespace qgraph::kernels
