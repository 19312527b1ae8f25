// What binary ops with broadcasting share: type rules, what they prepare, and rows of kernels.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "ops/infer.hpp"
#include "ops/kernel.hpp"
#include "ops/requantize.hpp"
#include "ops/support/activation.hpp"
#include "ops/support/broadcast.hpp"
#include "ops/support/element.hpp"

namespace qgraph {

/// Attributes of add, sub, mul and div.
struct Arithmetic {
  Activation activation = Activation::none;
  bool finite = true;
  bool pot_scale_int16 = true;
  Rounding rounding = Rounding::double_rounding;
};

/// Which operands may meet.
enum class Meets : std::uint8_t {
  scaled,  ///< both quantized per tensor, or neither: scales take part in the arithmetic
  stored,  ///< stored values are all that counts
};
/// <op>_c1: the same storage. <op>_c2: shapes that broadcast. <op>_c3: both quantized per tensor, or neither.
/// The output has the broadcast shape and the first operand's element type, with the quantization that is declared.
Result<Types> infer_binary(const InferContext&, std::string_view op, Meets);
/// The same constraints; the output is boolean.
Result<Types> infer_comparison(const InferContext&, std::string_view op, Meets);

/// Scales of inputs 0..count-1 and of output 0 are per tensor, finite and positive: a kernel may divide by them.
Status check_scales(const PrepareContext&, std::size_t count, bool output = true);

using Prepared = Result<std::shared_ptr<const void>>;
template <class P>
Prepared prepared(PrepareContext& c, P p) {
  c.prepared_bytes += sizeof(P);
  return std::shared_ptr<const void>(std::make_shared<const P>(std::move(p)));
}

inline Broadcast<2> broadcast_of(const PrepareContext& c) {
  return make_broadcast<2>(c.outputs[0].shape(), {&c.inputs[0].shape(), &c.inputs[1].shape()});
}
inline Prepared prepare_broadcast(PrepareContext& c) { return prepared(c, broadcast_of(c)); }

/// NaN stays.
template <class T>
struct Clamp {
  T low{}, high{};
  T operator()(T x) const noexcept { return x < low ? low : high < x ? high : x; }
};
template <class T>
struct ClampedBroadcast {
  Broadcast<2> loops{};
  bool clamps = false;
  Clamp<T> clamp{};
};

template <class T>
Prepared prepare_arithmetic(PrepareContext& c) {
  const auto& a = c.attributes<Arithmetic>();
  if (a.activation > Activation::relu6)
    return failure(
        "QG4101", Cause::invalid_attribute,
        "activation '" + std::string(activation_words[static_cast<std::size_t>(a.activation)]) + "' cannot be fused here");
  ClampedBroadcast<T> p{.loops = broadcast_of(c)};
  if constexpr (is_complex<T>) {
    if (a.activation != Activation::none) return failure("QG4101", Cause::invalid_attribute, "complex values have no activation");
  } else {
    const auto [low, high] = activation_range(a.activation);
    const bool is_float_type = !std::is_integral_v<T>;
    p.clamps = a.activation != Activation::none || (is_float_type && a.finite);
    const bool open_low = low<-1.0F, open_high = high> 6.0F;
    if constexpr (std::is_integral_v<T>) {
      p.clamp = {open_low || (low < 0 && std::is_unsigned_v<T>) ? std::numeric_limits<T>::lowest() : static_cast<T>(low),
                 open_high ? std::numeric_limits<T>::max() : static_cast<T>(high)};
    } else {
      using C = Computed<T>;
      const C most = a.finite ? static_cast<C>(largest<T>()) : std::numeric_limits<C>::infinity();
      p.clamp = {T(open_low ? -most : static_cast<C>(low)), T(open_high ? most : static_cast<C>(high))};
    }
  }
  return prepared(c, std::move(p));
}

/// F: computes in Computed<T>.
template <class T, class F>
T compute(T x, T y) noexcept {
  return T(F{}(static_cast<Computed<T>>(x), static_cast<Computed<T>>(y)));
}

template <class T>
bool has_zero(const View& v) noexcept {
  const T* values = v.as<T>();
  for (std::int64_t i = 0, n = v.elements(); i < n; ++i)
    if (values[i] == T{}) return true;
  return false;
}
/// An F with `divides` set is not run where an integer denominator is zero.
template <class F>
concept Divides = requires {
  F::divides;
};

template <class T, class F>
bool refused(const KernelArgs& a) noexcept {
  if constexpr (Divides<F> && std::is_integral_v<T>)
    if (has_zero<T>(a.inputs[1]) && a.outputs[0].elements() > 0) return a.control->fail("division by zero"), true;
  return false;
}

template <class T, class F>
void run_arithmetic(const KernelArgs& a) noexcept {
  if (refused<T, F>(a)) return;
  const auto& p = a.prepared_as<ClampedBroadcast<T>>();
  if constexpr (!is_complex<T>)
    if (p.clamps)
      return apply(p.loops, a.in<T>(0), a.in<T>(1), a.out<T>(), [&p](T x, T y) { return p.clamp(compute<T, F>(x, y)); });
  apply(p.loops, a.in<T>(0), a.in<T>(1), a.out<T>(), [](T x, T y) { return compute<T, F>(x, y); });
}

/// Without attributes.
template <class T, class F>
void run_binary(const KernelArgs& a) noexcept {
  if (refused<T, F>(a)) return;
  apply(a.prepared_as<Broadcast<2>>(), a.in<T>(0), a.in<T>(1), a.out<T>(), [](T x, T y) { return compute<T, F>(x, y); });
}

template <class F, class... T>
constexpr std::array<KernelDef, sizeof...(T)> arithmetic_rows() {
  return {kernel(dtype_of<T>, run_arithmetic<T, F>, prepare_arithmetic<T>)...};
}
template <class F, class... T>
constexpr std::array<KernelDef, sizeof...(T)> binary_rows() {
  return {kernel(dtype_of<T>, run_binary<T, F>, prepare_broadcast)...};
}

/// Tables of kernels, one after the other.
template <std::size_t... N>
constexpr std::array<KernelDef, (N + ...)> join(const std::array<KernelDef, N>&... tables) {
  std::array<KernelDef, (N + ...)> all{};
  std::size_t at = 0;
  const auto take = [&](const auto& table) {
    for (const KernelDef& row : table) all[at++] = row;
  };
  (take(tables), ...);
  return all;
}

}  // namespace qgraph
