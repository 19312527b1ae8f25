// 8 channels at a time. Intrinsics and internal linkage only.
#include "kernels/floats_avx2.hpp"
#include "kernels/windows_f32/lines.hpp"

namespace qgraph::kernels {
namespace {

struct Channels : Eight {
  static Register divide(Register a, Register b) noexcept { return _mm256_div_ps(a, b); }
  static Register larger(Register a, Register b) noexcept { return _mm256_max_ps(a, b); }
  static Register smaller(Register a, Register b) noexcept { return _mm256_min_ps(a, b); }
};

}  // namespace

constexpr WindowsF32Kernel windows_f32_avx2{"avx2", Cpu::avx2, mean_windows<Channels>, most_windows<Channels>};

}  // namespace qgraph::kernels
