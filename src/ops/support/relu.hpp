// The ops that clamp: relu, relu6, relu_n1_to_1, relu_0_to_1. Quantized values are requantized first (TensorFlow Lite's ReluX).
#pragma once

#include "ops/requantize.hpp"
#include "ops/support/map_elements.hpp"

namespace qgraph {

/// The operand's real range; no upper end where high is infinite.
struct ReluRange {
  float low = 0.0F, high = std::numeric_limits<float>::infinity();
};

struct ReluParameters {
  Multiplier multiplier{};
  std::int32_t input_zero_point = 0, output_zero_point = 0, low = 0, high = 0;
};

template <ReluRange range>
void run_relu_float(const KernelArgs& args) noexcept {
  map_elements<float>(args, [](float x) { return x > range.high ? range.high : x < range.low ? range.low : x; });
}

template <class T>
void run_relu_quantized(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<ReluParameters>();
  map_elements<T>(args, [&](T x) {
    const std::int32_t q = p.output_zero_point + multiply(std::int32_t{x} - p.input_zero_point, p.multiplier);
    return static_cast<T>(std::min(std::max(q, p.low), p.high));
  });
}

template <class T, ReluRange range>
Result<std::shared_ptr<const void>> prepare_relu(PrepareContext& c) {
  if (const Status s = check_scales(c, 1); !s) return s.error();
  const TensorType &in = *c.inputs[0].type, &out = *c.outputs[0].type;
  ReluParameters p;
  p.multiplier = quantize_multiplier(static_cast<double>(in.scale() / out.scale()));
  p.input_zero_point = static_cast<std::int32_t>(in.zero_point());
  p.output_zero_point = static_cast<std::int32_t>(out.zero_point());
  const auto stored = [&](float real) {
    return round_half_away(static_cast<double>(std::round(real / out.scale())) + p.output_zero_point, lowest<T>(), highest<T>());
  };
  p.low = stored(range.low);
  p.high = range.high == std::numeric_limits<float>::infinity() ? highest<T>() : stored(range.high);
  return prepared(c, p);
}

template <ReluRange range>
inline constexpr std::array relu_kernels{
    kernel(DType::float32, run_relu_float<range>),
    kernel(DType::qint8, run_relu_quantized<std::int8_t>, prepare_relu<std::int8_t, range>),
    kernel(DType::quint8, run_relu_quantized<std::uint8_t>, prepare_relu<std::uint8_t, range>),
    kernel(DType::qint16, run_relu_quantized<std::int16_t>, prepare_relu<std::int16_t, range>),
};

}  // namespace qgraph
