// maximum and minimum, of two tensors or over axes: the same but for which of two values wins, std::greater<> or std::less<>.
#pragma once

#include <functional>
#include <limits>

#include "ops/op_def.hpp"
#include "ops/support/binary.hpp"
#include "ops/support/reduce.hpp"

namespace qgraph::ops {

struct Extreme {
  bool nan_wins = false;
};
inline constexpr std::array extreme_attributes{
    attr<&Extreme::nan_wins>("nan_wins", "NaN where either operand is; else y where x is NaN")};

/// x or y. Where one is NaN: y; with `nan_wins` NaN, as NumPy and ONNX have it.
template <class Wins, bool nan_wins>
struct Winner {
  template <class T>
  T operator()(T x, T y) const noexcept {
    return Wins{}(x, y) || (nan_wins && x != x) ? x : y;
  }
};

template <class Wins, class T>
void run_extreme(const KernelArgs& a) noexcept {
  if (a.attributes<Extreme>().nan_wins)
    run_binary<T, Winner<Wins, true>>(a);
  else
    run_binary<T, Winner<Wins, false>>(a);
}
template <class Wins, class... T>
constexpr std::array<KernelDef, sizeof...(T)> extreme_rows() {
  return {kernel(dtype_of<T>, run_extreme<Wins, T>, prepare_broadcast)...};
}
/// Quantized operands are compared as stored.
template <class Wins>
inline constexpr auto extreme_kernels =
    join(std::array{kernel(DType::qint8, run_extreme<Wins, std::int8_t>, prepare_broadcast),
                    kernel(DType::quint8, run_extreme<Wins, std::uint8_t>, prepare_broadcast),
                    kernel(DType::qint16, run_extreme<Wins, std::int16_t>, prepare_broadcast),
                    kernel(DType::qint32, run_extreme<Wins, std::int32_t>, prepare_broadcast)},
         extreme_rows<Wins, float, std::int32_t, std::int64_t, Float16, BFloat16, double, std::int8_t, std::int16_t, std::uint8_t,
                      std::uint16_t, std::uint32_t, std::uint64_t>());

struct ReducedExtreme : Reduce {
  bool infinite = false;
};
inline constexpr std::array reduced_extreme_attributes{
    attr<&Reduce::keep_dims>("keep_dims", "reduced axes stay, with size 1"),
    attr<&ReducedExtreme::infinite>(
        "infinite", "nothing, and floats that are all infinite, give infinity (ONNX), not the outermost finite number"),
};

/// What loses against every finite value.
template <class Wins, class T>
constexpr T weakest() noexcept {
  return Wins{}(1, 0) ? std::numeric_limits<T>::lowest() : std::numeric_limits<T>::max();
}
template <class Wins, class T>
T stronger(T a, T b) noexcept {
  return Wins{}(b, a) ? b : a;
}

template <class Wins, class T>
void run_reduced_extreme(const KernelArgs& args) noexcept {
  if constexpr (std::is_floating_point_v<T>) {
    constexpr T infinity = std::numeric_limits<T>::infinity();
    if (args.attributes<ReducedExtreme>().infinite)
      return reduce_plain<T>(args, Wins{}(1, 0) ? -infinity : infinity, stronger<Wins, T>);
  }
  reduce_plain<T>(args, weakest<Wins, T>(), stronger<Wins, T>);
}
template <class Wins, class T>
void run_reduced_extreme_stored(const KernelArgs& args) noexcept {
  reduce_stored<T>(args, weakest<Wins, T>(), stronger<Wins, T>);
}

template <class Wins>
inline constexpr std::array reduced_extreme_kernels{
    kernel(DType::float32, run_reduced_extreme<Wins, float>),
    kernel(DType::float64, run_reduced_extreme<Wins, double>),
    kernel(DType::int32, run_reduced_extreme<Wins, std::int32_t>),
    kernel(DType::int64, run_reduced_extreme<Wins, std::int64_t>),
    kernel(DType::int8, run_reduced_extreme<Wins, std::int8_t>),
    kernel(DType::uint8, run_reduced_extreme<Wins, std::uint8_t>),
    kernel(DType::int16, run_reduced_extreme<Wins, std::int16_t>),
    kernel(DType::qint8, run_reduced_extreme_stored<Wins, std::int8_t>, prepare_reduce<std::int8_t>),
    kernel(DType::quint8, run_reduced_extreme_stored<Wins, std::uint8_t>, prepare_reduce<std::int8_t>),
    kernel(DType::qint16, run_reduced_extreme_stored<Wins, std::int16_t>, prepare_reduce<std::int8_t>),
    kernel(DType::qint32, run_reduced_extreme_stored<Wins, std::int32_t>, prepare_reduce<std::int8_t>),
};

}  // namespace qgraph::ops
