// The kernels there are, best first.
#include <iterator>

#include "kernels/gemm_s8/kernels.hpp"

namespace qgraph::kernels {
namespace {

constexpr GemmS8Kernel table[] = {
#if defined(__x86_64__) && defined(__GNUC__)
    {"amx_int8", Cpu::amx_int8, gemm_s8_amx_int8}, {"avx512_vnni", Cpu::avx512_vnni, gemm_s8_avx512_vnni},
    {"avx_vnni", Cpu::avx_vnni, gemm_s8_avx_vnni}, {"avx2", Cpu::avx2, gemm_s8_avx2},
    {"sse41", Cpu::sse41, gemm_s8_sse41},
#elif defined(__aarch64__) && defined(__GNUC__)
    {"neon_dot", Cpu::neon_dot, gemm_s8_neon_dot},
    {"neon", Cpu::neon, gemm_s8_neon},
#endif
    {"generic", Cpu::generic, gemm_s8_generic},
};

}  // namespace

const GemmS8Kernel& gemm_s8(Cpu chosen) noexcept {
  for (const GemmS8Kernel& kernel : table)
    if (serves(kernel.needs, chosen)) return kernel;
  return table[std::size(table) - 1];
}

}  // namespace qgraph::kernels
