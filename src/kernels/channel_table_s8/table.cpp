// The kernels there are, best first.
#include <iterator>

#include "kernels/channel_table_s8/kernels.hpp"

namespace qgraph::kernels {
namespace {

constexpr ChannelTableS8Kernel table[] = {
#if defined(__x86_64__) && defined(__GNUC__)
    {"avx512_vbmi", Cpu::avx512_vbmi, channel_table_s8_avx512_vbmi},
#endif
    {"generic", Cpu::generic, channel_table_s8_generic},
};

}  // namespace

const ChannelTableS8Kernel& channel_table_s8(Cpu chosen) noexcept {
  for (const ChannelTableS8Kernel& kernel : table)
    if (serves(kernel.needs, chosen)) return kernel;
  return table[std::size(table) - 1];
}

}  // namespace qgraph::kernels
