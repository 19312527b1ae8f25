// Products of rows of signed bytes, as they are stored, with one row: what recurrent layers multiply, a step at a time. Plain
// data only: files built for one instruction set include this.
#pragma once

#include <cstdint>

#include "kernels/cpu.hpp"

namespace qgraph::kernels {

/// sums[r] = weights[r, :] * x; totals[r]: of the row's weights. Sums wrap.
using DotS8Fn = void (*)(const std::int8_t* weights, const std::int8_t* x, std::int64_t rows, std::int64_t columns,
                         std::int32_t* sums, std::int32_t* totals) noexcept;

struct DotS8Kernel {
  const char* name = nullptr;
  Cpu needs = Cpu::generic;
  DotS8Fn run = nullptr;
};
/// Null where the reference kernel is as good.
const DotS8Kernel* dot_s8(Cpu chosen) noexcept;

}  // namespace qgraph::kernels
