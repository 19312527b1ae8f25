// The kernels there are, best first.
#include "kernels/quantize_s8/kernels.hpp"

namespace qgraph::kernels {

const QuantizeS8Kernel* quantize_s8(Cpu chosen) noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
  static constexpr QuantizeS8Kernel table[] = {
      {"avx512_vnni", Cpu::avx512_vnni, quantize_s8_avx512_vnni},
      {"avx2", Cpu::avx2, quantize_s8_avx2},
  };
  for (const QuantizeS8Kernel& kernel : table)
    if (serves(kernel.needs, chosen)) return &kernel;
#endif
  (void)chosen;
  return nullptr;
}

}  // namespace qgraph::kernels
