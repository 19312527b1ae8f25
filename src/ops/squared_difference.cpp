// (x - y)^2, with broadcasting.
#include "ops/op_def.hpp"
#include "ops/support/quantized_difference.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  return infer_binary(c, "squared_difference", Meets::scaled);
}  // squared_difference_c1, c2, c3

struct SquaredDifference {
  template <class T>
  T operator()(T x, T y) const noexcept {
    if constexpr (std::is_integral_v<T>) {
      const T d = wrapping_subtract(x, y);
      return wrapping_multiply(d, d);
    } else {
      const T d = x - y;
      return d * d;
    }
  }
};

Prepared prepare_quantized(PrepareContext& c) {
  if (const Status s = check_scales(c, 2); !s) return s.error();
  const TensorType &x = *c.inputs[0].type, &y = *c.inputs[1].type, &out = *c.outputs[0].type;
  QuantizedDifference p{.loops = broadcast_of(c)};
  p.zero_x = static_cast<std::int32_t>(x.zero_point());
  p.zero_y = static_cast<std::int32_t>(y.zero_point());
  p.zero_out = static_cast<std::int32_t>(out.zero_point());
  const auto [low, high] = quantized_activation_range(Activation::none, out);
  p.low = low;
  p.high = high;
  const double twice_larger = static_cast<double>(2 * std::max(x.scale(), y.scale()));
  p.x = quantize_multiplier(static_cast<double>(x.scale()) / twice_larger);
  p.y = quantize_multiplier(static_cast<double>(y.scale()) / twice_larger);
  p.real_out = twice_larger * twice_larger / static_cast<double>(static_cast<float>(1 << (2 * p.left_shift)) * out.scale());
  p.out = quantize_multiplier(p.real_out);
  return prepared(c, std::move(p));
}

template <class T>
void run_quantized(const KernelArgs& a) noexcept {
  const auto& p = a.prepared_as<QuantizedDifference>();
  apply(p.loops, a.in<T>(0), a.in<T>(1), a.out<T>(), [&p](T x, T y) {
    const std::int32_t d = p.difference(x, y);
    // The square of a 16-bit difference has 44 bits. No reference kernel takes 16 bits; the exact square is rescaled in double.
    if constexpr (sizeof(T) == 2) {
      const double square = static_cast<double>(std::int64_t{d} * d);
      return static_cast<T>(
          std::clamp(round_half_away(square * p.real_out, -0x40000000, 0x40000000) + p.zero_out, p.low, p.high));
    } else {
      return static_cast<T>(std::clamp(multiply(d * d, p.out) + p.zero_out, p.low, p.high));
    }
  });
}

constexpr auto kernels = join(std::array{kernel(DType::qint8, run_quantized<std::int8_t>, prepare_quantized),
                                         kernel(DType::quint8, run_quantized<std::uint8_t>, prepare_quantized),
                                         kernel(DType::qint16, run_quantized<std::int16_t>, prepare_quantized)},
                              binary_rows<SquaredDifference, float, std::int32_t, std::int64_t, Float16, BFloat16, double>());

}  // namespace

extern constexpr OpDef squared_difference{
    .name = "squared_difference",
    .help =
        "(x - y)^2 with NumPy broadcasting. Quantized values of 8 bits are computed in fixed point as TensorFlow Lite does; of "
        "16 bits likewise, with the exact square rescaled.",
    .inputs = "x y",
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops
