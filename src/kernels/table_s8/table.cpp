// The kernels there are, best first.
#include <iterator>

#include "kernels/table_s8/kernels.hpp"

namespace qgraph::kernels {
namespace {

constexpr TableS8Kernel table[] = {
#if defined(__x86_64__) && defined(__GNUC__)
    {"avx512_vbmi", Cpu::avx512_vbmi, table_s8_avx512_vbmi},
#elif defined(__aarch64__) && defined(__GNUC__)
    {"neon", Cpu::neon, table_s8_neon},
#endif
    {"generic", Cpu::generic, table_s8_generic},
};

}  // namespace

const TableS8Kernel& table_s8(Cpu chosen) noexcept {
  for (const TableS8Kernel& kernel : table)
    if (serves(kernel.needs, chosen)) return kernel;
  return table[std::size(table) - 1];
}

}  // namespace qgraph::kernels
