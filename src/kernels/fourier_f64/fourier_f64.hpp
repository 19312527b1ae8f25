// Fourier transforms of lines of reals, in double precision. Plain data only: files built for one instruction set include this.
#pragma once

#include "core/fourier.hpp"
#include "kernels/cpu.hpp"

namespace qgraph::kernels {

/// Up to `lanes` lines.
struct FourierLines {
  RealFourierTables tables{};
  const float* in = nullptr;
  std::int64_t in_step = 0;  ///< from line to line
  std::int64_t given = 0;    ///< reals of a line that are there; zeros follow
  float* out = nullptr;      ///< pairs
  std::int64_t out_step = 0;
  int lines = 0;
};
/// `work`: room for half.n complex points of all lanes, 64-byte aligned.
using FourierLinesFn = void (*)(const FourierLines& lines, std::byte* work) noexcept;

struct FourierKernel {
  const char* name = nullptr;
  Cpu needs = Cpu::generic;
  int lanes = 0;
  FourierLinesFn run = nullptr;
};
/// Null where the reference kernel is as good.
const FourierKernel* fourier_f64(Cpu chosen) noexcept;

}  // namespace qgraph::kernels
