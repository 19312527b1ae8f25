// x * y, with broadcasting and a fused activation.
#include "ops/op_def.hpp"
#include "ops/support/quantized_product.hpp"

namespace qgraph::ops {
namespace {

constexpr std::array attributes{
    attr<&Arithmetic::activation>("activation", "applied to the result"),
    attr<&Arithmetic::finite>("finite", "float results beyond the largest finite value become it, as in TensorFlow Lite"),
    attr<&Arithmetic::rounding>("rounding", "of quantized results: double_rounding, or nearest_even of the float result")};

Result<Types> infer(const InferContext& c) { return infer_binary(c, "mul", Meets::scaled); }  // mul_c1, c2, c3

struct Product {
  template <class T>
  T operator()(T x, T y) const noexcept {
    if constexpr (std::is_integral_v<T>)
      return wrapping_multiply(x, y);
    else
      return x * y;
  }
};

Prepared prepare_quantized(PrepareContext& c) {
  if (const Status s = check_scales(c, 2); !s) return s.error();
  const auto& a = c.attributes<Arithmetic>();
  if (a.activation > Activation::relu6)
    return failure("QG4101", Cause::invalid_attribute, "this activation cannot be fused into a product");
  const TensorType &x = *c.inputs[0].type, &y = *c.inputs[1].type, &out = *c.outputs[0].type;
  QuantizedProduct p{.loops = broadcast_of(c), .real = a.rounding == Rounding::nearest_even};
  p.zero_x = static_cast<std::int32_t>(x.zero_point());
  p.zero_y = static_cast<std::int32_t>(y.zero_point());
  p.zero_out = static_cast<std::int32_t>(out.zero_point());
  if (x.storage() == DType::int16 && (p.zero_x != 0 || p.zero_y != 0 || p.zero_out != 0))
    return failure("QG4101", Cause::invalid_quantization, "16-bit products need zero points of 0");
  const auto [low, high] = quantized_activation_range(a.activation, out);
  p.low = low;
  p.high = high;
  p.scale_x = x.scale();
  p.scale_y = y.scale();
  p.scale_out = out.scale();
  p.out = quantize_multiplier(static_cast<double>(p.scale_x * p.scale_y / p.scale_out));  // in float, as the reference
  return prepared(c, std::move(p));
}

template <class T>
void run_quantized(const KernelArgs& a) noexcept {
  const auto& p = a.prepared_as<QuantizedProduct>();
  if (p.real)
    return apply(p.loops, a.in<T>(0), a.in<T>(1), a.out<T>(), [&p](T x, T y) {
      const float product = static_cast<float>(x - p.zero_x) * static_cast<float>(y - p.zero_y);
      const float q = std::nearbyint(product * (p.scale_x * p.scale_y / p.scale_out) + static_cast<float>(p.zero_out));
      return static_cast<T>(std::clamp(q, static_cast<float>(p.low), static_cast<float>(p.high)));
    });
  apply(p.loops, a.in<T>(0), a.in<T>(1), a.out<T>(), [&p](T x, T y) {
    return static_cast<T>(std::clamp(multiply((x - p.zero_x) * (y - p.zero_y), p.out) + p.zero_out, p.low, p.high));
  });
}

constexpr auto kernels =
    join(std::array{kernel(DType::qint8, run_quantized<std::int8_t>, prepare_quantized),
                    kernel(DType::quint8, run_quantized<std::uint8_t>, prepare_quantized),
                    kernel(DType::qint16, run_quantized<std::int16_t>, prepare_quantized)},
         arithmetic_rows<Product, float, std::int32_t, std::int64_t, Float16, BFloat16, double, std::int8_t, std::int16_t,
                         std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t, std::complex<float>, std::complex<double>>());

}  // namespace

extern constexpr OpDef mul{.name = "mul",
                           .help =
                               "x * y with NumPy broadcasting. Quantized products are rescaled in fixed point as TensorFlow "
                               "Lite's reference kernels do.",
                           .inputs = "x y",
                           .attributes = attribute_table<Arithmetic>(attributes),
                           .infer = &infer,
                           .reference = kernels};

}  // namespace qgraph::ops
