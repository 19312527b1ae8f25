// The kernel rows that conv_2d, conv_3d and fully_connected share: weights' dtype, input's dtype.
#pragma once

#include <array>

#include "ops/support/conv_plan.hpp"

namespace qgraph {

template <PrepareFn prepare>
constexpr auto conv_kernels() {
  constexpr DType weights[] = {DType::qint8, DType::quint8, DType::qint4,  DType::quint4,
                               DType::qint2, DType::quint2, DType::qint16, DType::quint16};
  constexpr DType inputs[] = {DType::float32, DType::qint8, DType::quint8, DType::qint16, DType::quint16};
  constexpr DType plain[] = {DType::int8, DType::uint8, DType::int16, DType::uint16};
  std::array<KernelDef, 1 + std::size(weights) * std::size(inputs) + std::size(plain) * std::size(plain)> rows{};
  std::size_t n = 0;
  rows[n++] = kernel(DType::float32, DType::float32, run_conv, prepare);
  for (DType w : weights)
    for (DType i : inputs) rows[n++] = kernel(w, i, run_conv, prepare);
  for (DType w : plain)
    for (DType i : plain) rows[n++] = kernel(w, i, run_conv, prepare);
  return rows;
}

}  // namespace qgraph
