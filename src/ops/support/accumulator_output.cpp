// Output stages of integer kernels. Rules: requantize.hpp; hybrid: TFLite's reference/conv.h and depthwise_conv.h.
#include "ops/support/accumulator_output.hpp"

#include <limits>
#include <tuple>

#include "ops/infer.hpp"
#include "ops/support/unpack_sub_byte.hpp"

namespace qgraph {
namespace {

std::int64_t bias_at(const View& bias, std::int64_t channel) noexcept {
  switch (bias.type->storage()) {
    case DType::int32: return bias.as<std::int32_t>()[channel];
    case DType::int64: return bias.as<std::int64_t>()[channel];
    default: return integer_at(bias.data, bias.type->storage(), channel);
  }
}

/// Sums wrap, as the reference's do on two's complement machines.
template <class Acc>
Acc wrapping_sum(Acc a, std::int64_t b) noexcept {
  return static_cast<Acc>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

template <class Acc>
std::int64_t fixed_point(Acc sum, Multiplier m, bool narrow) noexcept {
  if constexpr (sizeof(Acc) == 8) {
    if (!narrow) return multiply(static_cast<std::int64_t>(sum), m);
  }
  return multiply(static_cast<std::int32_t>(sum), m);
}

std::int64_t rounded(double x, double low, double high) noexcept {
  return static_cast<std::int64_t>(x >= low ? std::min(x, high) : low);
}

}  // namespace

float activate(Activation a, float x, float low, float high) noexcept {
  if (a == Activation::tanh) return std::tanh(x);
  if (a == Activation::sign_bit) return std::signbit(x) ? 1.0F : 0.0F;
  return std::min(std::max(x, low), high);
}

template <class Acc>
void AccumulatorOutput::write(const Acc* sums, const View& bias, HybridScale activations, const View& output, std::int64_t first,
                              std::int64_t stride, std::int32_t* scratch) const noexcept {
  const auto sum = [&](std::int64_t c) { return bias && added.empty() ? wrapping_sum(sums[c], bias_at(bias, c)) : sums[c]; };
  const auto clamped = [&](std::int64_t value) { return static_cast<std::int32_t>(std::clamp(value + zero_point, low, high)); };
  const std::size_t step = fixed.size() > 1 || factors.size() > 1 || weight_scales.size() > 1 ? 1 : 0;
  switch (kind) {
    case Kind::raw:
      for (std::int64_t c = 0; c < channels; ++c) scratch[c] = static_cast<std::int32_t>(sum(c));
      break;
    case Kind::quantized: {
      // Clamped before they are integers: a product may be far outside of what they hold.
      const auto least = static_cast<double>(low - zero_point), most = static_cast<double>(high - zero_point);
      for (std::int64_t c = 0; c < channels; ++c) {
        const std::size_t s = step * static_cast<std::size_t>(c);
        switch (rounding) {
          case Rounding::double_rounding: scratch[c] = clamped(fixed_point(sum(c), fixed[s], narrow)); break;
          case Rounding::double_product:
            scratch[c] = clamped(rounded(std::round(static_cast<double>(sum(c)) * factors[s]), least, most));
            break;
          case Rounding::nearest_even:
            scratch[c] =
                clamped(rounded(static_cast<double>(std::nearbyint(static_cast<float>(sum(c)) * static_cast<float>(factors[s]) +
                                                                   (added.empty() ? 0.0F : added[static_cast<std::size_t>(c)]))),
                                least, most));
            break;
        }
      }
      break;
    }
    case Kind::hybrid: {
      auto* to = output.as<float>() + first;
      for (std::int64_t c = 0; c < channels; ++c) {
        const float weight_scale = weight_scales[step * static_cast<std::size_t>(c)], x = static_cast<float>(sums[c]);
        float y = scale_in_turn ? x * weight_scale * activations.scale : x * (weight_scale * activations.scale);
        if (bias) y += bias.as<float>()[c];
        to[c * stride] = activate(activation, y, float_low, float_high);
      }
      return;
    }
  }
  store_integers(output.data, storage, first, stride, scratch, channels);
}
bool take_float_bias(const View& bias, const TensorType& output, AccumulatorOutput& stage) {
  if (!bias.data || bias.type->storage() != DType::float32 || bias.elements() != stage.channels) return false;
  if (stage.kind != AccumulatorOutput::Kind::quantized || stage.rounding != Rounding::nearest_even) return false;
  for (std::int64_t c = 0; c < stage.channels; ++c) stage.added.push_back(bias.as<float>()[c] / output.scale());
  return true;
}

template void AccumulatorOutput::write(const std::int32_t*, const View&, HybridScale, const View&, std::int64_t, std::int64_t,
                                       std::int32_t*) const noexcept;
template void AccumulatorOutput::write(const std::int64_t*, const View&, HybridScale, const View&, std::int64_t, std::int64_t,
                                       std::int32_t*) const noexcept;

Result<AccumulatorOutput> accumulator_output(const TensorType& input, const TensorType& weights, const TensorType& output,
                                             const OutputWishes& wishes) {
  AccumulatorOutput o;
  o.channels = wishes.channels;
  o.rounding = wishes.rounding;
  o.activation = wishes.activation;
  o.narrow = wishes.narrow;
  o.scale_in_turn = wishes.scale_in_turn;
  o.storage = output.storage();
  std::tie(o.float_low, o.float_high) = activation_range(wishes.activation);
  if (!output.quantized() && output.storage() == DType::int32) return o;  // raw
  const Quantization* w = weights.quantization();
  if (!w || w->scales.empty() || (w->scales.size() != 1 && static_cast<std::int64_t>(w->scales.size()) != wishes.channels))
    return constraint("weights_scales", "weights need one scale, or one per output channel", Cause::invalid_quantization);
  if (output.storage() == DType::float32) {
    o.kind = AccumulatorOutput::Kind::hybrid;
    o.weight_scales = w->scales;
    return o;
  }
  if (!output.quantized() || !input.quantized())
    return constraint("requantization", "quantized weights beside quantized input make a quantized output",
                      Cause::missing_quantization);
  if (!(output.scale() > 0) || !std::isfinite(output.scale()))
    return constraint("output_scale", "the output's scale must be positive and finite", Cause::invalid_quantization);
  if (o.activation == Activation::tanh || o.activation == Activation::sign_bit)
    return constraint("activation", "this activation needs a float output", Cause::invalid_attribute);
  for (const TensorType* type : {&input, &weights, &output})
    for (std::int64_t zero_point : type->quantization()->zero_points)
      if (zero_point < std::numeric_limits<std::int32_t>::min() || zero_point > std::numeric_limits<std::int32_t>::max())
        return constraint("zero_point", "a zero point is out of range", Cause::data_out_of_range);
  o.kind = AccumulatorOutput::Kind::quantized;
  o.zero_point = output.zero_point();
  std::tie(o.low, o.high) = quantized_activation_range(o.activation, output);
  for (float scale : w->scales) {
    double factor = 0;
    if (o.rounding == Rounding::nearest_even)
      factor = static_cast<double>(input.scale() * scale / output.scale());
    else if (wishes.float_product)
      factor = static_cast<double>(input.scale() * scale) / static_cast<double>(output.scale());
    else
      factor = static_cast<double>(input.scale()) * static_cast<double>(scale) / static_cast<double>(output.scale());
    o.factors.push_back(factor);
    o.fixed.push_back(quantize_multiplier(factor));
  }
  return o;
}

}  // namespace qgraph
