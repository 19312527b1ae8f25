// The kernels there are, best first.
#include "kernels/dot_s8/kernels.hpp"

namespace qgraph::kernels {

const DotS8Kernel* dot_s8(Cpu chosen) noexcept {
#if (defined(__x86_64__) || defined(__aarch64__)) && defined(__GNUC__)
  static constexpr DotS8Kernel table[] = {
#if defined(__x86_64__)
    {"avx512_vnni", Cpu::avx512_vnni, dot_s8_avx512_vnni},
    {"avx2", Cpu::avx2, dot_s8_avx2},
    {"sse41", Cpu::sse41, dot_s8_sse41},
#else
    {"neon", Cpu::neon, dot_s8_neon},
#endif
  };
  for (const DotS8Kernel& kernel : table)
    if (serves(kernel.needs, chosen)) return &kernel;
#endif
  (void)chosen;
  return nullptr;
}

}  // namespace qgraph::kernels
