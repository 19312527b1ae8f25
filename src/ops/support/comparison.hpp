// Comparisons: rows of kernels from one relation on numbers.
#pragma once

#include <cmath>

#include "ops/support/binary.hpp"
#include "ops/support/string_tensor.hpp"

namespace qgraph {

/// How quantized operands are compared (TensorFlow Lite's kernels/comparisons.cc).
struct QuantizedComparison {
  enum class Path : std::uint8_t {
    rescaled,  ///< both times 2^8 and their scale, rounded to integers
    stored,    ///< as stored
    real,      ///< the reals
  };
  Broadcast<2> loops{};
  Path path = Path::rescaled;
  std::int32_t zero_x = 0, zero_y = 0;
  Multiplier x{}, y{};
  double scale_x = 1, scale_y = 1;
};
Prepared prepare_rescaled_comparison(PrepareContext&);
/// 16 bits: TensorFlow Lite orders stored values, which is right only where the parameters agree; elsewhere reals are compared.
Prepared prepare_ordered_comparison(PrepareContext&);

template <class T, class F>
void run_comparison(const KernelArgs& a) noexcept {
  apply(a.prepared_as<Broadcast<2>>(), a.in<T>(0), a.in<T>(1), a.out<std::uint8_t>(),
        [](T x, T y) -> std::uint8_t { return F{}(static_cast<Computed<T>>(x), static_cast<Computed<T>>(y)); });
}

template <class F>
void run_boolean_comparison(const KernelArgs& a) noexcept {
  apply(a.prepared_as<Broadcast<2>>(), a.in<std::uint8_t>(0), a.in<std::uint8_t>(1), a.out<std::uint8_t>(),
        [](std::uint8_t x, std::uint8_t y) -> std::uint8_t { return F{}(x != 0, y != 0); });
}

template <class F>
void run_string_comparison(const KernelArgs& a) noexcept {
  const auto x = ops::StringTensor::read({a.inputs[0].data, a.inputs[0].bytes}),
             y = ops::StringTensor::read({a.inputs[1].data, a.inputs[1].bytes});
  if (!x || !y || x->size() != a.inputs[0].elements() || y->size() != a.inputs[1].elements())
    return a.control->fail("an operand holds no packed strings of its shape");
  auto* out = a.out<std::uint8_t>();
  walk(a.prepared_as<Broadcast<2>>(), [&](std::int64_t size, const auto& at, const auto& strides) {
    for (std::int64_t i = 0; i < size; ++i) *out++ = F{}((*x)[at[0] + i * strides[0]], (*y)[at[1] + i * strides[1]]);
  });
}

template <class T, class F>
void run_quantized_comparison(const KernelArgs& a) noexcept {
  const auto& p = a.prepared_as<QuantizedComparison>();
  const auto with = [&](auto f) { apply(p.loops, a.in<T>(0), a.in<T>(1), a.out<std::uint8_t>(), f); };
  switch (p.path) {
    case QuantizedComparison::Path::rescaled:
      return with([&p](T x, T y) -> std::uint8_t {
        return F{}(multiply((x - p.zero_x) * 256, p.x), multiply((y - p.zero_y) * 256, p.y));
      });
    case QuantizedComparison::Path::stored: return with([](T x, T y) -> std::uint8_t { return F{}(x, y); });
    case QuantizedComparison::Path::real:
      return with([&p](T x, T y) -> std::uint8_t { return F{}(p.scale_x * (x - p.zero_x), p.scale_y * (y - p.zero_y)); });
  }
}

template <class F, class... T>
constexpr std::array<KernelDef, sizeof...(T)> comparison_rows() {
  return {kernel(dtype_of<T>, run_comparison<T, F>, prepare_broadcast)...};
}
template <class F>
constexpr auto number_comparisons() {
  return comparison_rows<F, float, std::int32_t, std::int64_t, std::int16_t, std::int8_t, std::uint8_t, std::uint16_t,
                         std::uint32_t, std::uint64_t, Float16, BFloat16, double>();
}
template <class F>
constexpr std::array<KernelDef, 3> quantized_comparisons(PrepareFn of_16_bits) {
  return {kernel(DType::qint8, run_quantized_comparison<std::int8_t, F>, prepare_rescaled_comparison),
          kernel(DType::quint8, run_quantized_comparison<std::uint8_t, F>, prepare_rescaled_comparison),
          kernel(DType::qint16, run_quantized_comparison<std::int16_t, F>, of_16_bits)};
}

}  // namespace qgraph
