// Preparing and running convolutions: which inner loops, which weights, which output stage.
#include "ops/support/conv_plan.hpp"

#include <algorithm>
#include <tuple>

#include "ops/infer.hpp"
#include "ops/support/dequantize_values.hpp"

namespace qgraph {
namespace {

Report unsupported(const TensorType& input, const TensorType& weights) {
  return constraint(
      "dtypes",
      "input " + std::string(name(input.dtype())) + " with weights " + std::string(name(weights.dtype())) + " is not supported",
      Cause::unsupported_dtype);
}

/// Float kernels read a bias of integers through their quantization.
Status plan_float_bias(const PrepareContext& c, ConvPlan& plan) {
  if (!c.has(2)) return Done{};
  const TensorType& type = *c.inputs[2].type;
  if (type.storage() == DType::float32) return Done{};
  if (!type.quantized() || !c.constant(2) || static_cast<std::int64_t>(type.quantization()->scales.size()) < scales_wanted(type))
    return constraint("bias", "a float kernel wants a float bias", Cause::unsupported_dtype);
  plan.bias.resize(static_cast<std::size_t>(plan.geometry.channels_out()));
  dequantize_values(c.inputs[2].data, type, plan.bias.data());
  return Done{};
}

/// Weights with a scale per block of inputs, as fully connected layers have them.
Status plan_blocks(const TensorType& weights, ConvPlan& plan) {
  const Quantization& q = *weights.quantization();
  const auto axis = normalize_axis(q.axis, weights.shape.rank());
  if (!axis || *axis != 1 || weights.shape.rank() != 2)
    return constraint("blockwise", "blocks must lie along the depth of [units, depth] weights", Cause::invalid_quantization);
  plan.block = q.block_size;
  const std::int64_t wanted = weights.shape[0] * ((weights.shape[1] + plan.block - 1) / plan.block);
  const auto fits = [&](std::size_t n) { return static_cast<std::int64_t>(n) == wanted; };
  if (!fits(q.scales.size()) || !(q.zero_points.size() <= 1 || fits(q.zero_points.size())))
    return constraint("blockwise",
                      std::to_string(wanted) + " block scales are wanted, there are " + std::to_string(q.scales.size()),
                      Cause::invalid_quantization);
  plan.block_scales = q.scales;
  plan.block_zero_points = q.zero_points;
  plan.convolve = convolve_blockwise;
  return Done{};
}

Result<std::shared_ptr<const void>> finished(PrepareContext& c, std::shared_ptr<ConvPlan> plan, const Scratch& scratch) {
  if (scratch.too_large()) return constraint("size", "the operands are too large", Cause::resource_limit);
  c.scratch_bytes = scratch.bytes();
  c.prepared_bytes = plan->weights.constant.size();
  return std::shared_ptr<const void>(std::move(plan));
}

}  // namespace

Result<std::shared_ptr<const void>> prepare_conv(PrepareContext& c, const ConvRequest& request) {
  const TensorType &input = *c.inputs[0].type, &weights = *c.inputs[1].type, &output = *c.outputs[0].type;
  auto plan = std::make_shared<ConvPlan>();
  plan->geometry = request.geometry;
  const ConvGeometry& g = plan->geometry;
  const std::int64_t channels = g.channels_out();
  Scratch scratch;
  const bool float_input = input.dtype() == DType::float32;
  plan->hybrid = float_input && weights.quantized() && request.dynamic_range;
  plan->floats = float_input && !plan->hybrid;
  if (float_input != (output.dtype() == DType::float32)) return unsupported(input, weights);

  const Quantization* q = weights.quantization();
  const bool blockwise = q && q->block_size > 0;
  auto packed = pack_weights(c.inputs[1], g, plan->floats ? WeightOrder::columns : WeightOrder::rows, plan->floats, scratch);
  if (!packed) return std::move(packed).error();
  plan->weights = std::move(*packed);
  std::tie(plan->output.float_low, plan->output.float_high) = activation_range(request.wishes.activation);
  plan->output.activation = request.wishes.activation;
  if (plan->floats) {
    if (auto s = plan_float_bias(c, *plan); !s) return std::move(s).error();
    plan->convolve = convolve_float;
    if (request.summation != Summation::separate) {
      plan->convolve = convolve_float_blocked;
      plan->sum_blocks = request.matrix ? SumBlocks::of(request.summation, g.pixels(), g.group_out, g.depth())
                                        : SumBlocks::of(request.summation, g.group_out, g.pixels(), g.depth());
      plan->bias_first = request.matrix;
      for (std::int64_t channel = 0; channel < g.group_in; ++channel)
        for (std::int64_t tap = 0; tap < g.taps(); ++tap)
          plan->window.push_back({.weights = (tap * g.group_in + channel) * g.group_out,
                                  .channel = channel * g.input.channel,
                                  .place = {tap / (g.filter[2] * g.filter[1]) * g.dilation[0],
                                            tap / g.filter[2] % g.filter[1] * g.dilation[1], tap % g.filter[2] * g.dilation[2]}});
    }
    plan->sums = scratch.take<float>(conv_tile * channels);
  } else {
    plan->pixels_per_scale = request.pixels_per_scale;
    plan->scale_elements = request.scale_elements;
    const auto bias_fits = [&] {
      const bool floats = c.has(2) && c.inputs[2].type->storage() == DType::float32;
      return !c.has(2) || floats == plan->hybrid || (floats && take_float_bias(c.inputs[2], output, plan->output));
    };
    const auto wrong_bias = [] {
      return constraint("bias", "the bias must be float beside float input, integers beside integers", Cause::unsupported_dtype);
    };
    plan->asymmetric = request.asymmetric || blockwise;
    if (plan->hybrid) {
      const std::int64_t n = c.inputs[0].elements();
      plan->quantized_input = scratch.take<std::int8_t>(n);
      plan->scales = scratch.take<HybridScale>(n / std::max<std::int64_t>(plan->scale_elements, 1));
    }
    if (blockwise && plan->hybrid) {
      if (!bias_fits()) return wrong_bias();
      if (auto s = plan_blocks(weights, *plan); !s) return std::move(s).error();
      return finished(c, std::move(plan), scratch);
    }
    auto stage = accumulator_output(input, weights, output, request.wishes);
    if (!stage) return std::move(stage).error();
    plan->output = std::move(*stage);
    if (!bias_fits()) return wrong_bias();
    plan->input_scale.zero_point = static_cast<std::int32_t>(input.zero_point());
    // Dynamic range models of 2018 declare int8 weights as uint8 without a zero point.
    if (plan->hybrid && plan->weights.storage == DType::uint8 && plan->weights.zero_points.empty())
      plan->weights.storage = DType::int8;
    const IntegerConvolution loops =
        integer_convolution(plan->hybrid ? DType::int8 : input.storage(), input.zero_point(), plan->weights.storage);
    if (!loops.run) return unsupported(input, weights);
    plan->convolve = loops.run;
    plan->patches = scratch.take<std::byte>(conv_tile * g.depth() * static_cast<std::int64_t>(loops.patch_bytes));
    plan->sums = scratch.take<std::byte>(conv_tile * channels * static_cast<std::int64_t>(loops.sum_bytes));
    plan->row = scratch.take<std::int32_t>(channels);
  }
  return finished(c, std::move(plan), scratch);
}

void run_conv(const KernelArgs& args) noexcept {
  const auto& plan = args.prepared_as<ConvPlan>();
  if (args.outputs[0].elements() == 0) return;
  ConvStreams s{.input = args.inputs[0].data,
                .weights = plan.weights.of(args.inputs[1], plan.geometry, args.scratch),
                .bias = args.has(2) ? args.inputs[2] : View{},
                .output = args.outputs[0],
                .scratch = args.scratch};
  if (plan.hybrid) {
    auto* stored = plan.quantized_input.in<std::int8_t>(args.scratch);
    auto* scales = plan.scales.in<HybridScale>(args.scratch);
    const std::int64_t each = std::max<std::int64_t>(plan.scale_elements, 1), ranges = args.inputs[0].elements() / each;
    for (std::int64_t i = 0; i < ranges; ++i)
      scales[i] = quantize_hybrid(args.in<float>(0) + i * each, each, plan.asymmetric, stored + i * each);
    s.input = stored;
    s.scales = scales;
  }
  plan.convolve(plan, s);
}

}  // namespace qgraph
