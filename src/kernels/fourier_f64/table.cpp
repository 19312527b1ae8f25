// The kernels there are, best first.
#include "kernels/fourier_f64/kernels.hpp"

namespace qgraph::kernels {

const FourierKernel* fourier_f64(Cpu chosen) noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
  static constexpr FourierKernel table[] = {
      {"avx512_vnni", Cpu::avx512_vnni, 8, fourier_f64_avx512_vnni},
      {"avx2", Cpu::avx2, 4, fourier_f64_avx2},
  };
  for (const FourierKernel& kernel : table)
    if (serves(kernel.needs, chosen)) return &kernel;
#endif
  (void)chosen;
  return nullptr;
}

}  // namespace qgraph::kernels
