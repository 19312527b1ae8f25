// Functions of one real that ONNX has beyond TensorFlow Lite's: kernels for every float dtype from one formula.
#pragma once

#include "ops/support/map_elements.hpp"

namespace qgraph {

struct NoAttributes {};

/// F: `using Attributes`, and static float of(float x, const Attributes&). Dtypes other than float32 are computed as float32.
template <class F>
void run_float_map(const KernelArgs& args) noexcept {
  static constexpr typename F::Attributes none{};
  const auto* given = static_cast<const typename F::Attributes*>(args.attribute_struct);
  const auto& a = given ? *given : none;
  if (args.inputs[0].type->storage() == DType::float32)
    map_elements<float>(args, [&a](float x) { return F::of(x, a); });
  else
    map_small_floats(args, [&a](float x) { return F::of(x, a); });
}

template <class F>
inline constexpr std::array float_map_kernels{
    kernel(DType::float32, run_float_map<F>),
    kernel(DType::float16, run_float_map<F>),
    kernel(DType::bfloat16, run_float_map<F>),
    kernel(DType::float64, run_float_map<F>),
};

}  // namespace qgraph
