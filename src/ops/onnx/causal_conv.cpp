// causal_conv: ONNX's CausalConvWithState: a depthwise convolution along time that sees what came before, across calls.
#include "ops/op_def.hpp"

namespace qgraph::ops::onnx {
namespace {

enum Operand : std::size_t { input, weights, bias, state };

Result<Types> infer(const InferContext& c) {
  for (const std::size_t i : {input, weights, state})
    if (c.has(i) &&
        (c.input(i).storage() != DType::float32 || (c.shape(i).ranked() && c.shape(i).rank() != 3)))  // causal_conv_c1
      return constraint("causal_conv_c1", "input, weights and state are float32 of rank 3");
  const Shape open{-1, -1, -1};
  const Shape x = c.shape(input).ranked() ? c.shape(input) : open, w = c.shape(weights).ranked() ? c.shape(weights) : open;
  const auto differ = [](std::int64_t a, std::int64_t b) { return a >= 0 && b >= 0 && a != b; };
  if (differ(w[1], 1) || w[2] == 0 || differ(w[0], x[1]))  // causal_conv_c2
    return constraint("causal_conv_c2", "the weights " + w.to_string() + " are not [channels,1,k] of the input " + x.to_string());
  if (c.has(bias) &&
      (c.input(bias).storage() != DType::float32 ||
       (c.shape(bias).ranked() && (c.shape(bias).rank() != 1 || differ(c.shape(bias)[0], x[1])))))  // causal_conv_c3
    return constraint("causal_conv_c3", "the bias is not one float32 for each channel");
  const Shape kept{x[0], x[1], w[2] < 0 ? -1 : w[2] - 1};
  if (c.has(state) && c.shape(state).ranked())
    for (std::size_t d = 0; d < 3; ++d)
      if (differ(c.shape(state)[d], kept[d]))  // causal_conv_c4
        return constraint("causal_conv_c4", "the state is " + c.shape(state).to_string() + ", not " + kept.to_string());
  return Types{{Plain{DType::float32}, x}, {Plain{DType::float32}, kept}};
}

void run(const KernelArgs& args) noexcept {
  const View &x = args.inputs[input], &w = args.inputs[weights];
  const std::int64_t channels = x.dim(1), length = x.dim(2), taps = w.dim(2), past = taps - 1;
  for (std::int64_t row = 0; row < x.dim(0) * channels; ++row) {
    const std::int64_t channel = row % channels;
    const float* before = args.has(state) ? args.in<float>(state) + row * past : nullptr;
    const float* now = x.as<float>() + row * length;
    const float* filter = w.as<float>() + channel * taps;
    const auto at = [&](std::int64_t t) { return t >= past ? now[t - past] : before ? before[t] : 0.0F; };
    for (std::int64_t t = 0; t < length; ++t) {
      float sum = 0.0F;
      for (std::int64_t k = 0; k < taps; ++k) sum += at(t + k) * filter[k];
      args.out<float>()[row * length + t] = sum + (args.has(bias) ? args.in<float>(bias)[channel] : 0.0F);
    }
    for (std::int64_t t = 0; t < past; ++t) args.out<float>(1)[row * past + t] = at(length + t);
  }
}

constexpr std::array kernels{kernel(DType::float32, run)};
}  // namespace

extern constexpr OpDef causal_conv{
    .name = "onnx.causal_conv",
    .help =
        "Each channel convolved along time with its own filter, whose last tap is the present. The second output is what the "
        "next call "
        "takes as its state. ONNX's CausalConvWithState.",
    .inputs = "input weights bias? state?",
    .outputs = "output state",
    .exactness = Exactness::float_order,
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
