// The kernels there are, best first.
#include "kernels/real_binary_s8/kernels.hpp"

namespace qgraph::kernels {

const RealBinaryS8Kernel* real_binary_s8(Cpu chosen) noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
  static constexpr RealBinaryS8Kernel table[] = {
      {"avx512_vnni", Cpu::avx512_vnni, real_binary_s8_avx512_vnni},
      {"avx2", Cpu::avx2, real_binary_s8_avx2},
  };
  for (const RealBinaryS8Kernel& kernel : table)
    if (serves(kernel.needs, chosen)) return &kernel;
#endif
  (void)chosen;
  return nullptr;
}

}  // namespace qgraph::kernels
