// Products of float matrices whose sums have the order of ONNX Runtime's. Plain data only: files built for one instruction set
// include this.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu.hpp"

namespace qgraph::kernels {

/// out[r][c] = clamp(sum over k of a[r][k] * b[k][c], and biases). Products are fused with sums along k, in blocks of `block`,
/// whose sums are added to one another; or, `fours`, four products, each rounded, are summed before they are added.
struct GemmF32 {
  std::int64_t rows = 0, columns = 0, depth = 0;
  const float* a = nullptr;
  std::ptrdiff_t a_row = 0, a_depth = 0;  ///< elements between neighbours
  const float* b = nullptr;
  std::ptrdiff_t b_depth = 0;  ///< columns follow one another
  float* out = nullptr;
  std::ptrdiff_t out_row = 0;
  const float* column_bias = nullptr;  ///< sums begin with it
  const float* row_bias = nullptr;     ///< is added at the end
  std::int64_t block = 0;
  bool fours = false;
  float low = 0, high = 0;
};
using GemmF32Fn = void (*)(const GemmF32& gemm) noexcept;

struct GemmF32Kernel {
  const char* name = nullptr;
  Cpu needs = Cpu::generic;
  GemmF32Fn run = nullptr;
};
/// Null where the reference kernel is as good.
const GemmF32Kernel* gemm_f32(Cpu chosen) noexcept;

}  // namespace qgraph::kernels
