// 16 channels at a time. Intrinsics and internal linkage only.
#include "kernels/floats_avx512.hpp"
#include "kernels/windows_f32/lines.hpp"

namespace qgraph::kernels {
namespace {

struct Channels : Sixteen {
  static Register divide(Register a, Register b) noexcept { return _mm512_div_ps(a, b); }
  static Register larger(Register a, Register b) noexcept { return _mm512_max_ps(a, b); }
  static Register smaller(Register a, Register b) noexcept { return _mm512_min_ps(a, b); }
};

}  // namespace

constexpr WindowsF32Kernel windows_f32_avx512_vnni{"avx512_vnni", Cpu::avx512_vnni, mean_windows<Channels>,
                                                   most_windows<Channels>};

}  // namespace qgraph::kernels
