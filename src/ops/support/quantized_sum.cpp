// What quantized add and sub prepare.
#include "ops/support/quantized_sum.hpp"

#include <cmath>
#include <optional>
#include <tuple>

namespace qgraph {
namespace {

/// The exponent of a scale that is a power of two to about a thousandth, as the reference tests it.
std::optional<int> power_of_two(float scale) noexcept {
  const float log2 = std::log(scale) * (1.0F / std::log(2.0F));
  const float rounded = std::round(log2);
  if (!(std::abs(log2 - rounded) < 1e-3F)) return std::nullopt;
  return static_cast<int>(rounded);
}

}  // namespace

Prepared prepare_quantized_sum(PrepareContext& c) {
  if (const Status s = check_scales(c, 2); !s) return s.error();
  const auto& attributes = c.attributes<Arithmetic>();
  if (attributes.activation > Activation::relu6)
    return failure("QG4101", Cause::invalid_attribute, "this activation cannot be fused into a sum");
  const TensorType &x = *c.inputs[0].type, &y = *c.inputs[1].type, &out = *c.outputs[0].type;
  QuantizedSum p{.loops = broadcast_of(c)};
  p.zero_x = static_cast<std::int32_t>(x.zero_point());
  p.zero_y = static_cast<std::int32_t>(y.zero_point());
  p.zero_out = static_cast<std::int32_t>(out.zero_point());
  std::tie(p.low, p.high) = quantized_activation_range(attributes.activation, out);
  p.scale_x = x.scale();
  p.scale_y = y.scale();
  p.scale_out = out.scale();
  if (attributes.rounding == Rounding::nearest_even) {
    p.path = QuantizedSum::Path::real;
    p.scale_x /= p.scale_out;
    p.scale_y /= p.scale_out;
    return prepared(c, std::move(p));
  }
  if (x.storage() == DType::int16) {
    // 17 bits shifted left by 15 would not fit.
    if (p.zero_x != 0 || p.zero_y != 0 || p.zero_out != 0)
      return failure("QG4101", Cause::invalid_quantization, "16-bit sums need zero points of 0");
    const auto log_x = power_of_two(p.scale_x), log_y = power_of_two(p.scale_y), log_out = power_of_two(p.scale_out);
    if (attributes.pot_scale_int16 && log_x && log_y && log_out) {
      p.shift_x = *log_out - *log_x;
      p.shift_y = *log_out - *log_y;
      const auto fits = [](int shift) { return shift >= 0 && shift <= 15; };
      if (fits(p.shift_x) && fits(p.shift_y) && (p.shift_x == 0 || p.shift_y == 0)) {
        p.path = QuantizedSum::Path::power_of_two;
        return prepared(c, std::move(p));
      }
    }
    p.left_shift = 15;
  }
  const double twice_larger = static_cast<double>(2 * std::max(p.scale_x, p.scale_y));
  p.x = quantize_multiplier(static_cast<double>(p.scale_x) / twice_larger);
  p.y = quantize_multiplier(static_cast<double>(p.scale_y) / twice_larger);
  p.out = quantize_multiplier(twice_larger / static_cast<double>(static_cast<float>(1 << p.left_shift) * p.scale_out));
  return prepared(c, std::move(p));
}

}  // namespace qgraph
