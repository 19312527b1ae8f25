// Products of rows of unsigned bytes with a matrix of signed bytes, requantized to bytes or as they are: pointwise and general
// convolutions and fully connected layers. Plain data only: files built for one instruction set include this.
#pragma once

#include "kernels/cpu.hpp"
#include "kernels/requantize_s8.hpp"

namespace qgraph::kernels {

/// Row m of the left side is `runs` pieces of `run_bytes` bytes, the same offsets apart in every row. Rows lie in lines (the
/// lines of an image): within a line they are row_stride apart. Up to 3 bytes behind a run are read and meet weights of 0. The
/// right side is packed in vectors of 16 channels: [vector][run][quad of 4 bytes][channel][4].
struct GemmS8 {
  const std::uint8_t* input = nullptr;
  std::ptrdiff_t row_stride = 0;
  const std::ptrdiff_t* runs = nullptr;  ///< offsets in a row
  std::int64_t run_count = 1, run_bytes = 0, run_quads = 0;
  const std::int8_t* weights = nullptr;
  std::int64_t channels = 0;
  const std::int32_t* bias = nullptr;        ///< sums begin with it; padded to 16
  const std::int32_t* row_factor = nullptr;  ///< times the sum of a row's bytes is added; null: nowhere
  Requantize requantize{};
  std::uint8_t* output = nullptr;
  std::ptrdiff_t output_stride = 0;  ///< bytes from row to row

  std::int64_t vector_bytes() const noexcept { return run_count * run_quads * 64; }
};

/// Rows [0, rows) of one line, channels of vectors [first, last) of 16.
using GemmS8Fn = void (*)(const GemmS8& gemm, std::int64_t rows, std::int64_t first, std::int64_t last) noexcept;

struct GemmS8Kernel {
  const char* name = nullptr;
  Cpu needs = Cpu::generic;
  GemmS8Fn run = nullptr;
};
/// The best for a processor of this kind.
const GemmS8Kernel& gemm_s8(Cpu chosen) noexcept;

}  // namespace qgraph::kernels
