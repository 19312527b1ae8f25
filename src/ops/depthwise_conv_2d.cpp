// depthwise_conv_2d: TFLite's DEPTHWISE_CONV_2D. Output channel c * M + m sees input channel c alone.
#include "ops/depthwise_conv_2d.hpp"

#include <limits>

#include "ops/op_def.hpp"
#include "ops/support/accumulator_output.hpp"
#include "ops/support/conv_geometry.hpp"
#include "ops/support/conv_infer.hpp"
#include "ops/support/dequantize_values.hpp"
#include "ops/support/scratch.hpp"

namespace qgraph::ops {
namespace {

struct DepthwiseConv2d {
  std::int64_t stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  Padding padding = Padding::valid;
  std::int64_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  Activation activation = Activation::none;
  Rounding rounding = Rounding::double_rounding;
  bool dynamic_range = false;

  ConvParameters parameters() const {
    return {.stride = {1, stride_h, stride_w},
            .dilation = {1, dilation_h, dilation_w},
            .pad_before = {0, pad_top, pad_left},
            .pad_after = {0, pad_bottom, pad_right},
            .padding = padding};
  }
};

constexpr std::array rows{
    attr<&DepthwiseConv2d::stride_h>("stride_h", "rows between windows"),
    attr<&DepthwiseConv2d::stride_w>("stride_w", "columns between windows"),
    attr<&DepthwiseConv2d::dilation_h>("dilation_h", "rows between taps"),
    attr<&DepthwiseConv2d::dilation_w>("dilation_w", "columns between taps"),
    attr<&DepthwiseConv2d::padding>("padding", "how the border is filled"),
    attr<&DepthwiseConv2d::pad_top>("pad_top", "rows before, where padding is explicit"),
    attr<&DepthwiseConv2d::pad_left>("pad_left", "columns before"),
    attr<&DepthwiseConv2d::pad_bottom>("pad_bottom", "rows behind"),
    attr<&DepthwiseConv2d::pad_right>("pad_right", "columns behind"),
    attr<&DepthwiseConv2d::activation>("activation", "what is applied to the result"),
    attr<&DepthwiseConv2d::rounding>("rounding", "how sums become stored integers"),
    attr<&DepthwiseConv2d::dynamic_range>(
        "dynamic_range", "float input is quantized on the fly to meet integer weights; else weights are dequantized"),
};

/// [1,h,w,o] seen as the weights [o,h,w,1] of a convolution with a group per channel.
Shape as_groups(const Shape& weights) { return weights.ranked() ? Shape{weights[3], weights[1], weights[2], 1} : weights; }

Result<Types> infer(const InferContext& c) {
  const auto& a = c.attributes<DepthwiseConv2d>();
  const Shape& weights = c.shape(1);
  if (weights.ranked() && (weights.rank() != 4 || (weights[0] != 1 && weights[0] != -1)))  // depthwise_conv_2d_c2
    return constraint("depthwise_conv_2d_c2", "weights must be [1, height, width, channels], are " + weights.to_string());
  auto shape = conv_output_shape("depthwise_conv_2d", a.parameters(), c.shape(0), as_groups(weights));
  if (!shape) return std::move(shape).error();
  auto element = weighted_output_element("depthwise_conv_2d", c, 3, (*shape)[3], a.dynamic_range);
  if (!element) return std::move(element).error();
  return Types{{std::move(*element), std::move(*shape)}};
}

using Plan = DepthwisePlan;

/// Weights as W, zero points (and for float, scales) applied.
template <class W>
void pack(const View& weights, void* to) noexcept {
  const TensorType& type = *weights.type;
  const std::int64_t n = weights.elements(), channels = type.shape[3];
  const Quantization* q = type.quantization();
  auto* out = static_cast<W*>(to);
  if constexpr (std::is_same_v<W, float>) {
    if (q)
      dequantize_values(weights.data, type, out);
    else
      std::copy_n(weights.as<float>(), n, out);
  } else {
    for (std::int64_t i = 0; i < n; ++i) {
      const std::int64_t z = q ? q->zero_point(static_cast<std::size_t>(q->scales.size() > 1 ? i % channels : 0)) : 0;
      out[i] = static_cast<W>(integer_at(weights.data, type.storage(), i) - z);
    }
  }
}

/// P: an input with its zero point taken off. Sums of one pixel, all channels together.
template <class X, class P, class W, class Acc>
void pixel(const ConvGeometry& g, const X* input, std::int64_t y, std::int64_t x, std::int32_t zero_point, const W* weights,
           Acc* sums) noexcept {
  const std::int64_t channels = g.groups, multiplier = g.group_out;
  std::fill_n(sums, channels * multiplier, Acc{0});
  for (std::int64_t fy = 0; fy < g.filter[1]; ++fy) {
    const std::int64_t iy = y * g.stride[1] - g.pad[1] + fy * g.dilation[1];
    if (iy < 0 || iy >= g.in[1]) continue;
    for (std::int64_t fx = 0; fx < g.filter[2]; ++fx) {
      const std::int64_t ix = x * g.stride[2] - g.pad[2] + fx * g.dilation[2];
      if (ix < 0 || ix >= g.in[2]) continue;
      const X* from = input + iy * g.input.spatial[1] + ix * g.input.spatial[2];
      const W* w = weights + (fy * g.filter[2] + fx) * channels * multiplier;
      const auto add = [&](std::int64_t i, std::int64_t o) {
        if constexpr (std::is_same_v<X, float>)
          sums[o] += from[i] * w[o];
        else {
          using Product = std::conditional_t<sizeof(P) == 2 && sizeof(W) == 2, std::int32_t, std::int64_t>;
          const auto value = static_cast<P>(from[i] - zero_point);
          const Product product = static_cast<Product>(value) * static_cast<Product>(w[o]);
          using Unsigned = std::make_unsigned_t<Acc>;
          sums[o] = static_cast<Acc>(static_cast<Unsigned>(sums[o]) + static_cast<Unsigned>(product));
        }
      };
      if (multiplier == 1)
        for (std::int64_t i = 0; i < channels; ++i) add(i, i);
      else
        for (std::int64_t i = 0; i < channels; ++i)
          for (std::int64_t m = 0; m < multiplier; ++m) add(i, i * multiplier + m);
    }
  }
}

template <class X, class P, class W, class Acc>
void convolve(const Plan& plan, const KernelArgs& args, const void* input, const void* weights,
              const HybridScale* scales) noexcept {
  const ConvGeometry& g = plan.geometry;
  const View bias = args.has(2) ? args.inputs[2] : View{};
  auto* sums = plan.sums.in<Acc>(args.scratch);
  for (std::int64_t b = 0; b < g.batch; ++b) {
    const HybridScale scale = scales ? scales[b] : plan.input_scale;
    const X* image = static_cast<const X*>(input) + b * g.input.batch;
    for (std::int64_t y = 0; y < g.out[1]; ++y)
      for (std::int64_t x = 0; x < g.out[2]; ++x) {
        pixel<X, P>(g, image, y, x, scale.zero_point, static_cast<const W*>(weights), sums);
        const std::int64_t first = b * g.output.batch + y * g.output.spatial[1] + x * g.output.spatial[2];
        if constexpr (std::is_same_v<X, float>) {
          const float* offsets = bias ? bias.as<float>() : nullptr;
          for (std::int64_t o = 0; o < plan.output.channels; ++o)
            args.out<float>()[first + o] = activate(plan.output.activation, sums[o] + (offsets ? offsets[o] : 0.0F),
                                                    plan.output.float_low, plan.output.float_high);
        } else {
          plan.output.write(sums, bias, scale, args.outputs[0], first, 1, plan.row.in<std::int32_t>(args.scratch));
        }
      }
  }
}

struct Loops {
  Plan::RunFn run = nullptr;
  void (*pack)(const View&, void*) noexcept = nullptr;
  std::int64_t weight_bytes = 0, sum_bytes = 0;
};
template <class X, class P, class W, class Acc>
constexpr Loops loops_of{convolve<X, P, W, Acc>, pack<W>, sizeof(W), sizeof(Acc)};

Loops loops(DType input, std::int64_t zero_point, DType weights) noexcept {
  using I8 = std::int8_t;
  using U8 = std::uint8_t;
  using I16 = std::int16_t;
  using U16 = std::uint16_t;
  using I32 = std::int32_t;
  using I64 = std::int64_t;
  const IntegerRange range = integer_range(input);
  if (input == DType::float32) return loops_of<float, float, float, float>;
  if (zero_point < range.min || zero_point > range.max || !is_integer(weights) || bits(weights) > 16) return {};
  if (bits(weights) <= 8) {
    if (input == DType::int8) return loops_of<I8, I16, I16, I32>;
    if (input == DType::uint8) return loops_of<U8, I16, I16, I32>;
    if (input == DType::int16 && zero_point == 0) return loops_of<I16, I16, I16, I64>;
  }
  switch (input) {
    case DType::int8: return loops_of<I8, I32, I32, I64>;
    case DType::uint8: return loops_of<U8, I32, I32, I64>;
    case DType::int16: return loops_of<I16, I32, I32, I64>;
    case DType::uint16: return loops_of<U16, I32, I32, I64>;
    default: return {};
  }
}
Loops loops_for(const Plan& plan, const TensorType& input, const TensorType& weights) noexcept {
  if (plan.floats) return loops(DType::float32, 0, DType::float32);
  return loops(plan.hybrid ? DType::int8 : input.storage(), input.zero_point(), weights.storage());
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const auto& a = c.attributes<DepthwiseConv2d>();
  const TensorType &input = *c.inputs[0].type, &weights = *c.inputs[1].type, &output = *c.outputs[0].type;
  auto plan = std::make_shared<Plan>();
  plan->geometry = conv_geometry(a.parameters(), input.shape, as_groups(weights.shape), output.shape, false);
  const std::int64_t channels = plan->geometry.channels_out();
  const bool float_input = input.dtype() == DType::float32;
  plan->hybrid = float_input && weights.quantized() && a.dynamic_range;
  plan->floats = float_input && !plan->hybrid;
  const Loops chosen = loops_for(*plan, input, weights);
  const Quantization* q = weights.quantization();
  if (!chosen.run || float_input != (output.dtype() == DType::float32) ||
      (plan->floats && !q && weights.storage() != DType::float32))
    return constraint(
        "depthwise_conv_2d_c9",
        "input " + std::string(name(input.dtype())) + " with weights " + std::string(name(weights.dtype())) + " is not supported",
        Cause::unsupported_dtype);
  if (q && (static_cast<std::int64_t>(q->scales.size()) < scales_wanted(weights) ||
            (q->zero_points.size() > 1 && q->zero_points.size() != q->scales.size())))
    return constraint("depthwise_conv_2d_c7", "weights have fewer scales than their shape wants", Cause::invalid_quantization);
  plan->run = chosen.run;
  plan->weight_bytes = chosen.weight_bytes;
  Scratch scratch;
  if (c.constant(1)) {
    plan->weights.resize(static_cast<std::size_t>(c.inputs[1].elements() * chosen.weight_bytes));
    chosen.pack(c.inputs[1], plan->weights.data());
  } else {
    plan->packed = scratch.take<std::byte>(c.inputs[1].elements() * chosen.weight_bytes);
  }
  plan->sums = scratch.take<std::byte>(channels * chosen.sum_bytes);
  plan->row = scratch.take<std::int32_t>(channels);
  if (plan->floats) {
    plan->output.channels = channels;
    plan->output.activation = a.activation;
    std::tie(plan->output.float_low, plan->output.float_high) = activation_range(a.activation);
    if (c.has(2) && c.inputs[2].type->storage() != DType::float32)
      return constraint("depthwise_conv_2d_c8", "a float kernel wants a float bias", Cause::unsupported_dtype);
  } else {
    auto stage = accumulator_output(input, weights, output,
                                    {.rounding = a.rounding,
                                     .activation = a.activation,
                                     .float_product = input.storage() == DType::uint8,
                                     .narrow = input.storage() != DType::int16,
                                     .channels = channels});
    if (!stage) return std::move(stage).error();
    plan->output = std::move(*stage);
    if (c.has(2) && plan->hybrid != (c.inputs[2].type->storage() == DType::float32) &&
        !take_float_bias(c.inputs[2], output, plan->output))
      return constraint("depthwise_conv_2d_c8", "the bias must be float beside float input, integers beside integers",
                        Cause::unsupported_dtype);
    plan->input_scale.zero_point = static_cast<std::int32_t>(input.zero_point());
    if (plan->hybrid) {
      plan->quantized = scratch.take<std::int8_t>(c.inputs[0].elements());
      plan->scales = scratch.take<HybridScale>(plan->geometry.batch);
    }
  }
  if (scratch.too_large()) return constraint("depthwise_conv_2d_c10", "the operands are too large", Cause::resource_limit);
  c.scratch_bytes = scratch.bytes();
  c.prepared_bytes = plan->weights.size();
  return std::shared_ptr<const void>(std::move(plan));
}

void run(const KernelArgs& args) noexcept {
  const auto& plan = args.prepared_as<Plan>();
  if (args.outputs[0].elements() == 0) return;
  const void* weights = plan.weights.data();
  if (plan.weights.empty()) {
    auto* packed = plan.packed.in<std::byte>(args.scratch);
    loops_for(plan, *args.inputs[0].type, *args.inputs[1].type).pack(args.inputs[1], packed);
    weights = packed;
  }
  if (!plan.hybrid) return plan.run(plan, args, args.inputs[0].data, weights, nullptr);
  // TFLite's hybrid depthwise kernel always quantizes with a zero point, one range per image.
  auto* stored = plan.quantized.in<std::int8_t>(args.scratch);
  auto* scales = plan.scales.in<HybridScale>(args.scratch);
  const std::int64_t each = plan.geometry.input.batch;
  for (std::int64_t b = 0; b < plan.geometry.batch; ++b)
    scales[b] = quantize_asymmetric(args.in<float>(0) + b * each, each, stored + b * each);
  plan.run(plan, args, stored, weights, scales);
}

constexpr auto kernels = [] {
  constexpr DType weights[] = {DType::qint8, DType::quint8, DType::qint4,  DType::quint4,
                               DType::qint2, DType::quint2, DType::qint16, DType::quint16};
  constexpr DType inputs[] = {DType::float32, DType::qint8, DType::quint8, DType::qint16, DType::quint16};
  std::array<KernelDef, 1 + std::size(weights) * std::size(inputs)> table{};
  std::size_t n = 0;
  table[n++] = kernel(DType::float32, DType::float32, run, prepare);
  for (DType w : weights)
    for (DType i : inputs) table[n++] = kernel(w, i, run, prepare);
  return table;
}();

}  // namespace

extern constexpr OpDef depthwise_conv_2d{.name = "depthwise_conv_2d",
                                         .help =
                                             "Convolution of each input channel with its own filters, [n,h,w,c] by [1,h,w,c*m], "
                                             "as TensorFlow Lite's DEPTHWISE_CONV_2D.",
                                         .inputs = "input weights bias?",
                                         .exactness = Exactness::float_order,
                                         .attributes = attribute_table<DepthwiseConv2d>(rows),
                                         .infer = &infer,
                                         .reference = kernels,
                                         .primary = 1,
                                         .secondary = 0};

}  // namespace qgraph::ops
