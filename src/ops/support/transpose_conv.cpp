// Transposed convolutions. The order of float sums is that of TFLite's reference kernels: input elements in order, their
// channels inside.
#include "ops/support/transpose_conv.hpp"

#include <algorithm>
#include <string>
#include <tuple>

#include "ops/support/conv_infer.hpp"

namespace qgraph {
namespace {

Report broken(std::string_view op, int number, std::string message) {
  return constraint(std::string(op) + "_c" + std::to_string(number), std::move(message));
}

/// The output size that is given, checked against the input's: a convolution of it must have the input's size.
Result<Shape> given_shape(std::string_view op, const InferContext& c, const ConvParameters& p, Shape out) {
  const auto given = c.integers(3);
  if (!given) {
    for (int k = 3 - p.spatial; k < 3; ++k) out[spatial_axis(p, k)] = Shape::dynamic;
    return out;
  }
  if (given->size() != out.rank())
    return broken(op, 9, "output_shape must have " + std::to_string(out.rank()) + " elements");  // c9
  const Shape shape{*given};
  for (std::size_t i = 0; i < out.rank(); ++i)
    if (shape[i] < 0 || shape[i] >= std::int64_t{1} << 31)
      return broken(op, 9, "output_shape is out of range: " + shape.to_string());
  const Shape& input = c.shape(0);
  if (input.ranked() && input[0] >= 0 && shape[0] != input[0])
    return broken(op, 9, "output_shape has another batch size than the input");
  const std::size_t channel = channel_axis(p);
  if (out[channel] >= 0 && shape[channel] != out[channel])
    return broken(
        op, 9, "output_shape has " + std::to_string(shape[channel]) + " channels, weights make " + std::to_string(out[channel]));
  if (!input.ranked() || !c.shape(1).ranked() || p.padding == Padding::explicit_) return shape;
  for (int k = 3 - p.spatial; k < 3; ++k) {
    const auto i = static_cast<std::size_t>(k);
    const std::size_t axis = spatial_axis(p, k);
    const std::int64_t filter = c.shape(1)[filter_spatial_axis(p, k)];
    if (input[axis] < 0 || filter < 0) continue;
    const std::int64_t span = p.padding == Padding::valid ? (filter - 1) * p.dilation[i] + 1 : 1;
    const std::int64_t wanted = (shape[axis] + p.stride[i] - span) / p.stride[i];
    if (wanted != input[axis])
      return broken(op, 10,
                    "output_shape " + shape.to_string() + " goes with an input of " + std::to_string(wanted) +
                        " elements on axis " + std::to_string(axis) + ", not " + std::to_string(input[axis]));
  }
  return shape;
}

using Plan = TransposeConvPlan;
using ScatterFn = Plan::ScatterFn;

/// Adds one image's contributions to sums[pixel][channel].
template <class X, class W, class Acc>
void scatter(const Plan& plan, const void* image, std::int32_t zero_point, const void* weights, void* sums) noexcept {
  const ConvGeometry& g = plan.geometry;
  const std::int64_t channels = g.channels_out(), taps = g.taps();
  const auto* w = static_cast<const W*>(weights);
  const bool offset_weights = !plan.weights.zero_points.empty();
  std::fill_n(static_cast<Acc*>(sums), g.pixels() * channels, Acc{0});
  const auto element = [&](const X* x, const W* row, Acc* to, std::int64_t group) {
    if constexpr (std::is_same_v<X, float>) {
      for (std::int64_t o = 0; o < g.group_out; ++o) to[o] += *x * row[o];
    } else {
      // Unsigned arithmetic wraps, whatever a file says of zero points.
      using Sum = std::make_unsigned_t<Acc>;
      const Sum value = static_cast<Sum>(*x) - static_cast<Sum>(zero_point);
      const auto add = [&](std::int64_t o, Sum w_value) { to[o] = static_cast<Acc>(static_cast<Sum>(to[o]) + value * w_value); };
      if (offset_weights)
        for (std::int64_t o = 0; o < g.group_out; ++o)
          add(o, static_cast<Sum>(row[o]) - static_cast<Sum>(plan.weights.zero_point(group * g.group_out + o)));
      else
        for (std::int64_t o = 0; o < g.group_out; ++o) add(o, static_cast<Sum>(row[o]));
    }
  };
  for (std::int64_t d = 0; d < g.in[0]; ++d)
    for (std::int64_t y = 0; y < g.in[1]; ++y)
      for (std::int64_t x = 0; x < g.in[2]; ++x)
        for (std::int64_t tap = 0; tap < taps; ++tap) {
          const std::int64_t od = d * g.stride[0] - g.pad[0] + tap / (g.filter[2] * g.filter[1]) * g.dilation[0];
          const std::int64_t oy = y * g.stride[1] - g.pad[1] + tap / g.filter[2] % g.filter[1] * g.dilation[1];
          const std::int64_t ox = x * g.stride[2] - g.pad[2] + tap % g.filter[2] * g.dilation[2];
          if (od < 0 || od >= g.out[0] || oy < 0 || oy >= g.out[1] || ox < 0 || ox >= g.out[2]) continue;
          const X* from = static_cast<const X*>(image) + d * g.input.spatial[0] + y * g.input.spatial[1] + x * g.input.spatial[2];
          Acc* to = static_cast<Acc*>(sums) + ((od * g.out[1] + oy) * g.out[2] + ox) * channels;
          for (std::int64_t group = 0; group < g.groups; ++group)
            for (std::int64_t i = 0; i < g.group_in; ++i)
              element(from + (group * g.group_in + i) * g.input.channel,
                      w + ((group * taps + tap) * g.group_in + i) * g.group_out, to + group * g.group_out, group);
        }
}

template <class X>
ScatterFn with_weights(DType weights) noexcept {
  constexpr bool wide = sizeof(X) == 2;
  switch (weights) {
    case DType::int8: return scatter<X, std::int8_t, std::conditional_t<wide, std::int64_t, std::int32_t>>;
    case DType::uint8: return scatter<X, std::uint8_t, std::conditional_t<wide, std::int64_t, std::int32_t>>;
    case DType::int16: return scatter<X, std::int16_t, std::int64_t>;
    case DType::uint16: return scatter<X, std::uint16_t, std::int64_t>;
    default: return nullptr;
  }
}
ScatterFn scatter_for(DType input, DType weights) noexcept {
  switch (input) {
    case DType::int8: return with_weights<std::int8_t>(weights);
    case DType::uint8: return with_weights<std::uint8_t>(weights);
    case DType::int16: return with_weights<std::int16_t>(weights);
    case DType::uint16: return with_weights<std::uint16_t>(weights);
    default: return nullptr;
  }
}

template <class Acc>
void write(const Plan& plan, const KernelArgs& args, std::int64_t b, HybridScale scale) noexcept {
  const ConvGeometry& g = plan.geometry;
  const View bias = args.has(2) ? args.inputs[2] : View{};
  const auto* sums = plan.sums.in<Acc>(args.scratch);
  for (std::int64_t d = 0; d < g.out[0]; ++d)
    for (std::int64_t y = 0; y < g.out[1]; ++y)
      for (std::int64_t x = 0; x < g.out[2]; ++x, sums += g.channels_out()) {
        const std::int64_t first =
            b * g.output.batch + d * g.output.spatial[0] + y * g.output.spatial[1] + x * g.output.spatial[2];
        if constexpr (std::is_same_v<Acc, float>) {
          for (std::int64_t o = 0; o < g.channels_out(); ++o)
            args.out<float>()[first + o * g.output.channel] =
                activate(plan.output.activation, bias ? sums[o] + bias.as<float>()[o] : sums[o], plan.output.float_low,
                         plan.output.float_high);
        } else {
          plan.output.write(sums, bias, scale, args.outputs[0], first, g.output.channel, plan.row.in<std::int32_t>(args.scratch));
        }
      }
}

}  // namespace

Result<Types> infer_transpose_conv(std::string_view op, const InferContext& c, const ConvParameters& p, bool dynamic_range) {
  auto shape = transpose_conv_output_shape(op, p, c.shape(0), c.shape(1));
  if (!shape) return std::move(shape).error();
  if (c.has(3)) {
    shape = given_shape(op, c, p, std::move(*shape));
    if (!shape) return std::move(shape).error();
  }
  auto element = weighted_output_element(op, c, filter_out_axis(p), (*shape)[channel_axis(p)], dynamic_range);
  if (!element) return std::move(element).error();
  return Types{{std::move(*element), std::move(*shape)}};
}

Result<std::shared_ptr<const void>> prepare_transpose_conv(PrepareContext& c, const TransposeConvRequest& request) {
  const TensorType &input = *c.inputs[0].type, &weights = *c.inputs[1].type, &output = *c.outputs[0].type;
  auto plan = std::make_shared<Plan>();
  plan->geometry = conv_geometry(request.parameters, input.shape, weights.shape, output.shape, true);
  const ConvGeometry& g = plan->geometry;
  const bool float_input = input.dtype() == DType::float32;
  plan->hybrid = float_input && weights.quantized() && request.dynamic_range;
  plan->floats = float_input && !plan->hybrid;
  Scratch scratch;
  auto packed = pack_weights(c.inputs[1], g, WeightOrder::columns, plan->floats, scratch);
  if (!packed) return std::move(packed).error();
  plan->weights = std::move(*packed);
  if (plan->floats) {
    plan->weights.zero_points.clear();
    plan->scatter = scatter<float, float, float>;
  } else {
    plan->scatter = scatter_for(plan->hybrid ? DType::int8 : input.storage(), plan->weights.storage);
  }
  if (!plan->scatter || float_input != (output.dtype() == DType::float32))
    return constraint(
        "transpose_conv_c11",
        "input " + std::string(name(input.dtype())) + " with weights " + std::string(name(weights.dtype())) + " is not supported",
        Cause::unsupported_dtype);
  if (c.has(2) && float_input != (c.inputs[2].type->storage() == DType::float32))
    return constraint("transpose_conv_c8", "the bias must be float beside float input, integers beside integers",
                      Cause::unsupported_dtype);
  plan->wide = !plan->floats && ((bits(input.storage()) > 8 && !plan->hybrid) || bits(plan->weights.storage) > 8);
  plan->sums = scratch.take<std::byte>(g.pixels() * g.channels_out() * (plan->wide ? 8 : 4));
  plan->row = scratch.take<std::int32_t>(g.channels_out());
  plan->output.activation = request.wishes.activation;
  std::tie(plan->output.float_low, plan->output.float_high) = activation_range(request.wishes.activation);
  if (!plan->floats) {
    auto stage = accumulator_output(input, weights, output, request.wishes);
    if (!stage) return std::move(stage).error();
    plan->output = std::move(*stage);
    plan->output.channels = g.channels_out();
    plan->input_scale.zero_point = static_cast<std::int32_t>(input.zero_point());
    if (plan->hybrid) plan->quantized = scratch.take<std::int8_t>(g.input.batch);
  }
  if (scratch.too_large()) return constraint("transpose_conv_c12", "the operands are too large", Cause::resource_limit);
  c.scratch_bytes = scratch.bytes();
  c.prepared_bytes = plan->weights.constant.size();
  return std::shared_ptr<const void>(std::move(plan));
}

void run_transpose_conv(const KernelArgs& args) noexcept {
  const auto& plan = args.prepared_as<Plan>();
  const ConvGeometry& g = plan.geometry;
  if (args.outputs[0].elements() == 0) return;
  const std::byte* weights = plan.weights.of(args.inputs[1], g, args.scratch);
  const std::int64_t size = plan.hybrid || plan.floats ? 4 : bits(args.inputs[0].type->storage()) / 8;
  auto* sums = plan.sums.in<std::byte>(args.scratch);
  for (std::int64_t b = 0; b < g.batch; ++b) {
    const std::byte* image = args.inputs[0].data + b * g.input.batch * size;
    HybridScale scale = plan.input_scale;
    const void* from = image;
    if (plan.hybrid) {
      auto* stored = plan.quantized.in<std::int8_t>(args.scratch);
      scale = quantize_asymmetric(reinterpret_cast<const float*>(image), g.input.batch, stored);
      from = stored;
    }
    plan.scatter(plan, from, scale.zero_point, weights, sums);
    if (plan.floats)
      write<float>(plan, args, b, scale);
    else if (plan.wide)
      write<std::int64_t>(plan, args, b, scale);
    else
      write<std::int32_t>(plan, args, b, scale);
  }
}

}  // namespace qgraph
