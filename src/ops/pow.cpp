// x to the power y, with broadcasting.
#include <cmath>

#include "ops/op_def.hpp"
#include "ops/support/binary.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_binary(c, "pow", Meets::scaled); }  // pow_c1, c2, c3

/// x^n for n >= 1 by squaring, in the order of TensorFlow Lite's kernel for scalar exponents.
template <class T>
T integer_power(T x, std::uint64_t n) noexcept {
  if (n == 1) return x;
  const T root = integer_power(x, n / 2);
  T power;
  if constexpr (std::is_integral_v<T>)
    power = wrapping_multiply(root, root);
  else
    power = root * root;
  if (n % 2 == 0) return power;
  if constexpr (std::is_integral_v<T>)
    return wrapping_multiply(power, x);
  else
    return power * x;
}

struct Power {
  template <class T>
  T operator()(T x, T y) const noexcept {
    if constexpr (!std::is_integral_v<T>)
      return std::pow(x, y);
    else
      return y == 0 ? T{1} : integer_power(x, static_cast<std::uint64_t>(y));
  }
};

/// A single float exponent that is a whole number to 1e-5 is one.
template <class T>
void run_float(const KernelArgs& a) noexcept {
  if (a.inputs[1].elements() == 1 && a.inputs[0].shape() != a.inputs[1].shape()) {
    const auto y = static_cast<Computed<T>>(*a.in<T>(1));
    const auto whole = std::round(y);
    if (std::abs(y - whole) < static_cast<Computed<T>>(1e-5F) && whole >= 1 && whole <= static_cast<Computed<T>>(1 << 30))
      return apply(a.prepared_as<Broadcast<2>>(), a.in<T>(0), a.in<T>(1), a.out<T>(),
                   [n = static_cast<std::uint64_t>(whole)](T x, T) { return T(integer_power(static_cast<Computed<T>>(x), n)); });
  }
  run_binary<T, Power>(a);
}

template <class T>
void run_integer(const KernelArgs& a) noexcept {
  const T* y = a.in<T>(1);
  for (std::int64_t i = 0, n = a.inputs[1].elements(); i < n; ++i)
    if (y[i] < 0) return a.control->fail("negative integer exponent");
  run_binary<T, Power>(a);
}

constexpr std::array kernels{kernel(DType::float32, run_float<float>, prepare_broadcast),
                             kernel(DType::int32, run_integer<std::int32_t>, prepare_broadcast),
                             kernel(DType::int64, run_integer<std::int64_t>, prepare_broadcast),
                             kernel(DType::float64, run_float<double>, prepare_broadcast),
                             kernel(DType::float16, run_float<Float16>, prepare_broadcast),
                             kernel(DType::bfloat16, run_float<BFloat16>, prepare_broadcast)};

}  // namespace

extern constexpr OpDef pow{.name = "pow",
                           .help = "x to the power y with NumPy broadcasting; integer exponents must not be negative.",
                           .inputs = "x y",
                           .infer = &infer,
                           .reference = kernels};

}  // namespace qgraph::ops
