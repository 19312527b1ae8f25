// tflite.max_pool_with_argmax: max pooling that also says where each maximum stood. Two custom ops of one purpose: MediaPipe's
// MaxPoolingWithArgmax2D numbers the place in the window (as a float, plus 0.1), TensorFlow Lite's MaxPoolWithArgmax the place
// in the image.
#include <algorithm>
#include <limits>

#include "ops/op_def.hpp"
#include "ops/support/activation.hpp"
#include "ops/support/layout.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::tflite {
namespace {

struct MaxPoolWithArgmax {
  std::int64_t filter_height = 1, filter_width = 1, stride_h = 1, stride_w = 1;
  Padding padding = Padding::valid;
  Activation activation = Activation::none;
  bool window_indices = false;
};
using A = MaxPoolWithArgmax;
constexpr std::array attributes{
    attr<&A::filter_height>("filter_height", "rows of a window"),
    attr<&A::filter_width>("filter_width", "columns of a window"),
    attr<&A::stride_h>("stride_h", "rows between windows"),
    attr<&A::stride_w>("stride_w", "columns between windows"),
    attr<&A::padding>("padding", "valid or same"),
    attr<&A::activation>("activation", "clamps the maxima"),
    attr<&A::window_indices>("window_indices",
                             "indices are places in the window, as float32 plus 0.1, else in the image, as int32"),
};

std::int64_t windows(std::int64_t size, std::int64_t filter, std::int64_t stride, Padding padding) noexcept {
  return padding == Padding::same ? (size + stride - 1) / stride : (size - filter + stride) / stride;
}

Result<Types> infer(const InferContext& c) {
  const A& a = c.attributes<A>();
  for (std::int64_t v : {a.filter_height, a.filter_width, a.stride_h, a.stride_w})
    if (v < 1 || v > 0xFFFF)
      return constraint("max_pool_with_argmax_c1", "window and strides are positive", Cause::invalid_attribute);
  if (a.padding != Padding::same && a.padding != Padding::valid)
    return constraint("max_pool_with_argmax_c2", "the padding is same or valid", Cause::invalid_attribute);
  Shape out = c.shape(0).ranked() ? c.shape(0) : open_shape(4);
  if (out.rank() != 4) return constraint("max_pool_with_argmax_c3", "the input " + out.to_string() + " has not 4 dimensions");
  if (out[1] >= 0) out[1] = std::max<std::int64_t>(windows(out[1], a.filter_height, a.stride_h, a.padding), 0);
  if (out[2] >= 0) out[2] = std::max<std::int64_t>(windows(out[2], a.filter_width, a.stride_w, a.padding), 0);
  return Types{{DType::float32, out}, {a.window_indices ? DType::float32 : DType::int32, out}};
}

void run(const KernelArgs& args) noexcept {
  const A& a = args.attributes<A>();
  const View &in = args.inputs[0], &out = args.outputs[0];
  const std::int64_t height = in.dim(1), width = in.dim(2), depth = in.dim(3);
  const auto before = [](std::int64_t size, std::int64_t filter, std::int64_t stride, std::int64_t count) {
    return std::max<std::int64_t>(((count - 1) * stride + filter - size) / 2, 0);
  };
  const std::int64_t top = before(height, a.filter_height, a.stride_h, out.dim(1)),
                     left = before(width, a.filter_width, a.stride_w, out.dim(2));
  const auto [low, high] = activation_range(a.activation);
  std::int64_t at = 0;
  for (std::int64_t b = 0; b < out.dim(0); ++b)
    for (std::int64_t y = 0; y < out.dim(1); ++y)
      for (std::int64_t x = 0; x < out.dim(2); ++x)
        for (std::int64_t channel = 0; channel < depth; ++channel, ++at) {
          const std::int64_t y0 = y * a.stride_h - top, x0 = x * a.stride_w - left;
          float best = std::numeric_limits<float>::lowest();
          std::int64_t best_y = a.window_indices ? y0 : 0, best_x = a.window_indices ? x0 : 0;
          for (std::int64_t v = std::max<std::int64_t>(y0, 0); v < std::min(y0 + a.filter_height, height); ++v)
            for (std::int64_t u = std::max<std::int64_t>(x0, 0); u < std::min(x0 + a.filter_width, width); ++u) {
              const float value = in.as<const float>()[((b * height + v) * width + u) * depth + channel];
              if (value > best) best = value, best_y = v, best_x = u;
            }
          out.as<float>()[at] = std::min(std::max(best, low), high);
          if (args.outputs.size() < 2 || !args.outputs[1]) continue;
          if (a.window_indices)
            args.outputs[1].as<float>()[at] = static_cast<float>((best_y - y0) * a.filter_width + best_x - x0) + 0.1F;
          else
            args.outputs[1].as<std::int32_t>()[at] = static_cast<std::int32_t>((best_y * width + best_x) * depth + channel);
        }
}

constexpr std::array kernels{kernel(DType::float32, run)};
}  // namespace

extern constexpr OpDef max_pool_with_argmax{
    .name = "tflite.max_pool_with_argmax",
    .help = "Max pooling of an image, and where each maximum stood.",
    .outputs = "output indices",
    .attributes = attribute_table<MaxPoolWithArgmax>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::tflite
