// x / y, with broadcasting and a fused activation.
#include <bit>

#include "ops/op_def.hpp"
#include "ops/support/binary.hpp"
#include "ops/support/fixed_point.hpp"

namespace qgraph::ops {
namespace {

constexpr std::array attributes{
    attr<&Arithmetic::activation>("activation", "applied to the result"),
    attr<&Arithmetic::finite>("finite", "float results beyond the largest finite value become it, as in TensorFlow Lite")};

Result<Types> infer(const InferContext& c) { return infer_binary(c, "div", Meets::scaled); }  // div_c1, c2, c3

struct Quotient {
  static constexpr bool divides = true;
  template <class T>
  T operator()(T x, T y) const noexcept {
    if constexpr (std::is_integral_v<T> && std::is_signed_v<T>)
      return y == T(-1) ? wrapping_subtract(T{0}, x) : static_cast<T>(x / y);
    else
      return static_cast<T>(x / y);
  }
};

struct QuantizedQuotient {
  Broadcast<2> loops{};
  std::int32_t zero_x = 0, zero_y = 0, zero_out = 0, low = 0, high = 0;
  Multiplier out{};

  /// y is not zero. The reciprocal of y in fixed point times x, normalized, then rescaled.
  std::int32_t operator()(std::int32_t x, std::int32_t y) const noexcept {
    if (y < 0) {
      x = -x;
      y = -y;
    }
    int bits_over = 0;
    const std::int32_t inverse = fixed_point::reciprocal(y, 31, bits_over);
    const int headroom = x == 0 ? 31 : std::countl_zero(static_cast<std::uint32_t>(x < 0 ? ~x : x)) - 1;
    const std::int32_t quotient = high_multiply(static_cast<std::int32_t>(static_cast<std::uint32_t>(x) << headroom), inverse);
    const int exponent = out.shift - bits_over - headroom;
    // Below half of the last place; the reference shifts by more than it can here, to something undefined.
    const std::int32_t scaled = exponent < -31 ? 0 : fixed_point::shift(high_multiply(quotient, out.value), exponent);
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(std::int64_t{scaled} + zero_out, low, high));
  }
};

Prepared prepare_quantized(PrepareContext& c) {
  if (const Status s = check_scales(c, 2); !s) return s.error();
  const auto& a = c.attributes<Arithmetic>();
  if (a.activation > Activation::relu6)
    return failure("QG4101", Cause::invalid_attribute, "this activation cannot be fused into a quotient");
  const TensorType &x = *c.inputs[0].type, &y = *c.inputs[1].type, &out = *c.outputs[0].type;
  QuantizedQuotient p{.loops = broadcast_of(c)};
  p.zero_x = static_cast<std::int32_t>(x.zero_point());
  p.zero_y = static_cast<std::int32_t>(y.zero_point());
  p.zero_out = static_cast<std::int32_t>(out.zero_point());
  const auto [low, high] = quantized_activation_range(a.activation, out);
  p.low = low;
  p.high = high;
  p.out = quantize_multiplier(static_cast<double>(x.scale() / (y.scale() * out.scale())));  // in float, as the reference
  return prepared(c, std::move(p));
}

template <class T>
void run_quantized(const KernelArgs& a) noexcept {
  const auto& p = a.prepared_as<QuantizedQuotient>();
  const T* y = a.in<T>(1);
  for (std::int64_t i = 0, n = a.inputs[1].elements(); i < n; ++i)
    if (y[i] == p.zero_y) return a.control->fail("division by zero");
  apply(p.loops, a.in<T>(0), y, a.out<T>(), [&p](T x, T d) { return static_cast<T>(p(x - p.zero_x, d - p.zero_y)); });
}

constexpr auto kernels =
    join(std::array{kernel(DType::qint8, run_quantized<std::int8_t>, prepare_quantized),
                    kernel(DType::quint8, run_quantized<std::uint8_t>, prepare_quantized),
                    kernel(DType::qint16, run_quantized<std::int16_t>, prepare_quantized)},
         arithmetic_rows<Quotient, float, std::int32_t, std::int64_t, Float16, BFloat16, double, std::int8_t, std::int16_t,
                         std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t, std::complex<float>, std::complex<double>>());

}  // namespace

extern constexpr OpDef div{.name = "div",
                           .help =
                               "x / y with NumPy broadcasting; integers truncate, and fail where y is 0. Quantized quotients are "
                               "computed in fixed point as TensorFlow Lite does.",
                           .inputs = "x y",
                           .attributes = attribute_table<Arithmetic>(attributes),
                           .infer = &infer,
                           .reference = kernels};

}  // namespace qgraph::ops
