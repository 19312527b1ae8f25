// hard_swish: x * relu6(x + 3) / 6.
#include "ops/support/fixed_point.hpp"
#include "ops/support/map_elements.hpp"

namespace qgraph::ops {
namespace {

void run_float(const KernelArgs& args) noexcept {
  map_elements<float>(args, [](float x) { return x * std::min(6.0F, std::max(0.0F, x + 3.0F)) / 6.0F; });
}

/// 16-bit multipliers and their left shifts.
struct Parameters {
  std::int16_t output = 0, gate = 0;
  int output_shift = 0, gate_shift = 0;
  std::int16_t input_zero_point = 0, output_zero_point = 0;
};

std::int16_t upper_half(std::int32_t multiplier) noexcept {
  constexpr std::int32_t most = highest<std::int32_t>() - (1 << 15);
  return multiplier >= most ? std::int16_t{32767} : static_cast<std::int16_t>((multiplier + (1 << 15)) >> 16);
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  if (const Status s = check_scales(c, 1); !s) return s.error();
  const TensorType &in = *c.inputs[0].type, &out = *c.outputs[0].type;
  const float fine_scale = 1.0F / 128.0F * in.scale();  // of the input shifted left by 7
  const Multiplier output = quantize_multiplier(static_cast<double>(fine_scale / out.scale()));
  const Multiplier gate = quantize_multiplier(static_cast<double>(fine_scale / (3.0F / 32768.0F)));
  return prepared(c, Parameters{upper_half(output.value), upper_half(gate.value), output.shift, gate.shift,
                                static_cast<std::int16_t>(in.zero_point()), static_cast<std::int16_t>(out.zero_point())});
}

/// TensorFlow Lite's HARD_SWISH in 16-bit fixed point (reference/hard_swish.h).
template <class T>
void run(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<Parameters>();
  map_elements<T>(args, [&](T stored) {
    using fixed_point::shift;
    const auto x = static_cast<std::int16_t>((stored - p.input_zero_point) * 128);
    const std::int16_t on_output_scale = fixed_point::multiply(x, p.output);
    // The gate, x / 3 clamped to [-1, 1): the last bit of a left shift comes after the multiplication, so that only there it
    // clips.
    std::int16_t gate = p.gate_shift > 0 ? shift(x, p.gate_shift - 1) : x;
    gate = fixed_point::multiply(gate, p.gate);
    gate = shift(gate, p.gate_shift > 0 ? 1 : p.gate_shift);
    gate = static_cast<std::int16_t>((gate + (1 << 15)) >> 1);  // to [0, 1)
    // This product rounds towards zero, which cancels the bias of the ones above.
    const auto product = static_cast<std::int16_t>(std::int32_t{gate} * on_output_scale / (1 << 15));
    const auto q = static_cast<std::int16_t>(shift(product, p.output_shift) + p.output_zero_point);
    return static_cast<T>(std::clamp<std::int32_t>(q, lowest<T>(), highest<T>()));
  });
}

constexpr std::array kernels{
    kernel(DType::float32, run_float),
    kernel(DType::qint8, run<std::int8_t>, prepare),
    kernel(DType::quint8, run<std::uint8_t>, prepare),
};

}  // namespace

extern constexpr OpDef hard_swish{.name = "hard_swish",
                                  .help = "x * min(max(x + 3, 0), 6) / 6. TensorFlow Lite's HARD_SWISH.",
                                  .infer = &infer_same,
                                  .reference = kernels};

}  // namespace qgraph::ops
