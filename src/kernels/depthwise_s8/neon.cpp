// For every AArch64. Intrinsics and internal linkage only.
#include "kernels/depthwise_s8/kernels.hpp"
#include "kernels/depthwise_s8/lines_neon.hpp"

namespace qgraph::kernels {

void depthwise_s8_neon(const DepthwiseS8& d, const std::uint8_t* const* taps, std::ptrdiff_t step, std::int64_t pixels,
                       std::uint8_t* output) noexcept {
  run_lines(d, taps, step, pixels, output);
}

}  // namespace qgraph::kernels
