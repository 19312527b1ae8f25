// Real numbers from complex ones.
#pragma once

#include <array>
#include <complex>
#include <string>

#include "ops/infer.hpp"
#include "ops/kernel.hpp"
#include "ops/support/element.hpp"

namespace qgraph {

/// <op>_c1: the input is complex.
inline Result<Types> infer_complex_part(const InferContext& c, std::string_view op) {
  switch (c.input(0).dtype()) {
    case DType::complex64: return Types{TensorType(DType::float32, c.shape(0))};
    case DType::complex128: return Types{TensorType(DType::float64, c.shape(0))};
    case DType::unknown: return Types{TensorType(DType::unknown, c.shape(0))};
    default:
      return constraint(std::string(op) + "_c1", "the input is " + std::string(name(c.input(0).dtype())) + ", not complex",
                        Cause::unsupported_dtype);
  }
}

template <class T, class F>
void run_complex_part(const KernelArgs& a) noexcept {
  const auto* in = a.in<std::complex<T>>(0);
  T* out = a.out<T>();
  for (std::int64_t i = 0, n = a.outputs[0].elements(); i < n; ++i) out[i] = F{}(in[i]);
}
template <class F>
constexpr std::array<KernelDef, 2> complex_part_rows() {
  return {kernel(DType::complex64, run_complex_part<float, F>), kernel(DType::complex128, run_complex_part<double, F>)};
}

}  // namespace qgraph
