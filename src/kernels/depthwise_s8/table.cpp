// The kernels there are, best first.
#include <iterator>

#include "kernels/depthwise_s8/kernels.hpp"

namespace qgraph::kernels {
namespace {

constexpr DepthwiseS8Kernel table[] = {
#if defined(__x86_64__) && defined(__GNUC__)
    {"avx512_vnni", Cpu::avx512_vnni, depthwise_s8_avx512_vnni},
    {"avx2", Cpu::avx2, depthwise_s8_avx2},
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
