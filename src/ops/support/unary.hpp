// What unary ops share: the type rule, rows of kernels from a function of numbers, and tables for quantized values.
#pragma once

#include <cmath>

#include "ops/support/binary.hpp"
#include "ops/support/lookup_table.hpp"

namespace qgraph {

/// The input's type; a quantized result has the quantization that is declared.
inline Result<Types> infer_unary(const InferContext& c) { return Types{c.output(0, c.input(0).element, c.shape(0))}; }

template <class T, class F>
void run_unary(const KernelArgs& a) noexcept {
  const T* in = a.in<T>(0);
  T* out = a.out<T>();
  for (std::int64_t i = 0, n = a.outputs[0].elements(); i < n; ++i) out[i] = T(F{}(static_cast<Computed<T>>(in[i])));
}
template <class F, class... T>
constexpr std::array<KernelDef, sizeof...(T)> unary_rows() {
  return {kernel(dtype_of<T>, run_unary<T, F>)...};
}

/// F: static float of(float x, const TensorType& output), what a real becomes.
template <class T, class F>
Prepared prepare_table(PrepareContext& c) {
  if (const Status s = check_scales(c, 1); !s) return s.error();
  const TensorType &in = *c.inputs[0].type, &out = *c.outputs[0].type;
  const auto zero_in = static_cast<std::int32_t>(in.zero_point()), zero_out = static_cast<std::int32_t>(out.zero_point());
  const auto f = [&out](float x) { return F::of(x, out); };
  if constexpr (sizeof(T) == 1)
    return prepared(c, make_byte_table<T>(in.scale(), zero_in, out.scale(), zero_out, f));
  else
    return prepared(c, make_word_table<float>(in.scale(), zero_in, out.scale(), zero_out, f));
}
template <class T>
void run_table(const KernelArgs& a) noexcept {
  const T* in = a.in<T>(0);
  T* out = a.out<T>();
  const std::int64_t n = a.outputs[0].elements();
  if constexpr (sizeof(T) == 1) {
    const auto& table = a.prepared_as<ByteTable>();
    for (std::int64_t i = 0; i < n; ++i) out[i] = static_cast<T>(table[static_cast<std::uint8_t>(in[i])]);
  } else {
    const auto& table = a.prepared_as<WordTable>();
    for (std::int64_t i = 0; i < n; ++i) out[i] = look_up(in[i], table);
  }
}
template <class F>
constexpr std::array<KernelDef, 3> table_rows() {
  return {kernel(DType::qint8, run_table<std::int8_t>, prepare_table<std::int8_t, F>),
          kernel(DType::quint8, run_table<std::uint8_t>, prepare_table<std::uint8_t, F>),
          kernel(DType::qint16, run_table<std::int16_t>, prepare_table<std::int16_t, F>)};
}

/// Both sides' parameters, where a formula is applied to each stored value.
struct Rescale {
  std::int32_t zero_in = 0, zero_out = 0, low = 0, high = 0;
  float scale_in = 1, scale_out = 1;
  Multiplier multiplier{};
};
inline Rescale rescale_of(const PrepareContext& c) noexcept {
  const TensorType &in = *c.inputs[0].type, &out = *c.outputs[0].type;
  const auto [low, high] = quantized_activation_range(Activation::none, out);
  return {static_cast<std::int32_t>(in.zero_point()),
          static_cast<std::int32_t>(out.zero_point()),
          low,
          high,
          in.scale(),
          out.scale(),
          {}};
}

}  // namespace qgraph
