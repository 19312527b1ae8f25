// Products of rows of floats with a matrix, each sum in the order of its depth, every product and every sum rounded. Plain data
// only: files built for one instruction set include this.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu.hpp"

namespace qgraph::kernels {

/// Row m of the left side is `runs` pieces of run_length floats, the same offsets apart in every row. The right side is packed in
/// vectors of 16 channels: [vector][depth][16], 64-byte aligned. Strides and offsets are in floats.
struct RowsF32 {
  const float* input = nullptr;
  std::ptrdiff_t row_stride = 0;
  const std::ptrdiff_t* runs = nullptr;
  std::int64_t run_count = 1, run_length = 0;
  const float* weights = nullptr;
  const float* bias = nullptr;  ///< added to the sum; padded to 16
  float low = 0, high = 0;      ///< clamp; not a number stays
  std::int64_t channels = 0;
  float* output = nullptr;
  std::ptrdiff_t output_stride = 0;
};

/// Rows [0, rows), channels of vectors [first, last) of 16.
using RowsF32Fn = void (*)(const RowsF32& gemm, std::int64_t rows, std::int64_t first, std::int64_t last) noexcept;

struct RowsF32Kernel {
  const char* name = nullptr;
  Cpu needs = Cpu::generic;
  RowsF32Fn run = nullptr;
};
/// Null where the reference kernel is as good.
const RowsF32Kernel* rows_f32(Cpu chosen) noexcept;

}  // namespace qgraph::kernels
