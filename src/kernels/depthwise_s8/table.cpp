// The kernels there are, best first.
#include <iterator>

#include "kernels/depthwise_s8/kernels.hpp"

namespace qgraph::kernels {
namespace {

constexpr DepthwiseS8Kernel table[] = {
#if defined(__x86_64__) && defined(__GNUC__)
    {"avx512_vnni", Cpu::avx512_vnni, depthwise_s8_avx512_vnni},
    {"avx_vnni", Cpu::avx_vnni, depthwise_s8_avx_vnni},
    {"avx2", Cpu::avx2, depthwise_s8_avx2},
    {"sse41", Cpu::sse41, depthwise_s8_sse41},
#elif defined(__aarch64__) && defined(__GNUC__)
    {"neon_dot", Cpu::neon_dot, depthwise_s8_neon_dot},
    {"neon", Cpu::neon, depthwise_s8_neon},
#endif
    {"generic", Cpu::generic, depthwise_s8_generic},
};

}  // namespace

const DepthwiseS8Kernel& depthwise_s8(Cpu chosen) noexcept {
  for (const DepthwiseS8Kernel& kernel : table)
    if (serves(kernel.needs, chosen)) return kernel;
  return table[std::size(table) - 1];
}

}  // namespace qgraph::kernels
