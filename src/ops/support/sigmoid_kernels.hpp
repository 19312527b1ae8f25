// logistic and tanh: the same kernels around a function of float32, a table of it, and the fixed-point table of 16 bits.
#pragma once

#include "ops/support/map_elements.hpp"
#include "ops/support/polynomials.hpp"
#include "ops/support/sigmoid_table.hpp"

namespace qgraph {

using FloatFunction = float (*)(float) noexcept;

inline constexpr std::array sigmoid_attributes{
    attr<&polynomials::Polynomial::polynomial>("polynomial", polynomials::polynomial_doc)};

template <FloatFunction value, FloatFunction polynomial>
void run_float_function(const KernelArgs& args) noexcept {
  map_elements<float>(args, args.attributes<polynomials::Polynomial>().polynomial ? polynomial : value);
}
template <FloatFunction value>
void run_small_float_function(const KernelArgs& args) noexcept {
  map_small_floats(args, value);
}
template <class T, FloatFunction value>
Result<std::shared_ptr<const void>> prepare_function_table(PrepareContext& c) {
  return prepare_table<T>(c, value);
}

/// `most_shift` as prepare_sigmoid_table has it.
template <int most_shift>
Result<std::shared_ptr<const void>> prepare_sigmoid_int16(PrepareContext& c) {
  return prepare_sigmoid_table(c, most_shift);
}
template <auto member>
void run_sigmoid_int16(const KernelArgs& args) noexcept {
  const auto& table = args.prepared_as<SigmoidTable>();
  map_elements<std::int16_t>(args, [&](std::int16_t x) { return (table.*member)(x); });
}

/// `value` of floats, or `polynomial`, `tabled` of 8 bits, `member` of SigmoidTable for 16.
template <FloatFunction value, FloatFunction polynomial, FloatFunction tabled, auto member, int most_shift>
inline constexpr std::array sigmoid_kernels{
    kernel(DType::float32, run_float_function<value, polynomial>),
    kernel(DType::float16, run_small_float_function<value>),
    kernel(DType::bfloat16, run_small_float_function<value>),
    kernel(DType::qint8, run_byte_table, prepare_function_table<std::int8_t, tabled>),
    kernel(DType::quint8, run_byte_table, prepare_function_table<std::uint8_t, tabled>),
    kernel(DType::qint16, run_sigmoid_int16<member>, prepare_sigmoid_int16<most_shift>),
};

}  // namespace qgraph
