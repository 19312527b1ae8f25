// Eight lines at a time. Internal linkage only.
#include "kernels/fourier_f64/lines.hpp"

namespace qgraph::kernels {

void fourier_f64_avx512_vnni(const FourierLines& lines, std::byte* work) noexcept { run_lines<8>(lines, work); }

}  // namespace qgraph::kernels
