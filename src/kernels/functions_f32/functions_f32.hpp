// Exponentials and their relatives over floats. Plain data only: files built for one instruction set include this.
#pragma once

#include <cstdint>

#include "kernels/cpu.hpp"

namespace qgraph::kernels {

/// Rows of `depth` elements, side by side.
struct SoftmaxRows {
  std::int64_t depth = 0, rows = 0;
  float beta = 1;
};
using SoftmaxFn = void (*)(const SoftmaxRows& rows, const float* in, float* out) noexcept;
using FunctionFn = void (*)(const float* in, float* out, std::int64_t n) noexcept;

/// Those by the C library's expf give its bits, if its error is below 0.505 units in the last place: what lies nearer to the
/// middle of two floats is left to it. The others are ONNX Runtime's polynomials. `in` and `out` do not overlap. Null: the
/// reference kernel is as good.
struct FunctionsF32Kernel {
  const char* name = nullptr;
  Cpu needs = Cpu::generic;
  SoftmaxFn softmax = nullptr;    ///< by expf, summed in order
  FunctionFn logistic = nullptr;  ///< by expf, as ops/logistic.cpp
  SoftmaxFn softmax_polynomial = nullptr;
  FunctionFn logistic_polynomial = nullptr, tanh_polynomial = nullptr, erf_polynomial = nullptr;
};
/// Null where the reference kernel is as good.
const FunctionsF32Kernel* functions_f32(Cpu chosen) noexcept;

}  // namespace qgraph::kernels
