// tflite.max_unpooling_2d: puts pooled maxima back where they stood, zeros elsewhere. The custom op MaxUnpooling2D, in
// MediaPipe's form (float indices of places in the window) and TensorFlow Lite's (int32 indices of places in the image).
#include <cstring>

#include "ops/op_def.hpp"
#include "ops/support/layout.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::tflite {
namespace {

struct MaxUnpooling2d {
  std::int64_t filter_height = 1, filter_width = 1, stride_h = 1, stride_w = 1;
  Padding padding = Padding::valid;
};
using A = MaxUnpooling2d;
constexpr std::array attributes{
    attr<&A::filter_height>("filter_height", "rows of a window"),
    attr<&A::filter_width>("filter_width", "columns of a window"),
    attr<&A::stride_h>("stride_h", "rows between windows"),
    attr<&A::stride_w>("stride_w", "columns between windows"),
    attr<&A::padding>("padding", "of the pooling; only indices of places in the image heed it"),
};

Result<Types> infer(const InferContext& c) {
  const A& a = c.attributes<A>();
  for (std::int64_t v : {a.filter_height, a.filter_width, a.stride_h, a.stride_w})
    if (v < 1 || v > 0xFFFF)
      return constraint("max_unpooling_2d_c1", "window and strides are positive", Cause::invalid_attribute);
  Shape out = c.shape(0).ranked() ? c.shape(0) : open_shape(4);
  if (out.rank() != 4) return constraint("max_unpooling_2d_c2", "the input " + out.to_string() + " has not 4 dimensions");
  if (c.shape(0).is_static() && c.shape(1).is_static() && c.shape(0) != c.shape(1))
    return constraint("max_unpooling_2d_c3",
                      "indices " + c.shape(1).to_string() + " are not one for each element of " + c.shape(0).to_string());
  const bool windows = c.input(1).dtype() == DType::float32;
  const auto grow = [&](std::int64_t n, std::int64_t filter, std::int64_t stride) {
    if (n < 0 || n > 0x7FFF'FFFF) return Shape::dynamic;
    if (windows) return n * filter;
    return a.padding == Padding::same ? n * stride : std::max<std::int64_t>((n - 1) * stride + filter, 0);
  };
  out[1] = grow(out[1], a.filter_height, a.stride_h);
  out[2] = grow(out[2], a.filter_width, a.stride_w);
  return Types{{DType::float32, std::move(out)}};
}

/// MediaPipe: an index outside of the image is left out, as there.
void from_windows(const KernelArgs& args, const A& a) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const std::int64_t height = out.dim(1), width = out.dim(2), depth = in.dim(3);
  const auto before = [](std::int64_t size, std::int64_t filter, std::int64_t stride, std::int64_t count) {
    return std::max<std::int64_t>(((count - 1) * stride + filter - size) / 2, 0);
  };
  const std::int64_t top = before(height, a.filter_height, a.stride_h, in.dim(1)),
                     left = before(width, a.filter_width, a.stride_w, in.dim(2));
  std::int64_t at = 0;
  for (std::int64_t b = 0; b < in.dim(0); ++b)
    for (std::int64_t y = 0; y < in.dim(1); ++y)
      for (std::int64_t x = 0; x < in.dim(2); ++x)
        for (std::int64_t channel = 0; channel < depth; ++channel, ++at) {
          const float stored = args.in<const float>(1)[at];
          if (!(stored > -1.0F && stored < 4e9F)) continue;
          const auto index = static_cast<std::int64_t>(stored);
          const std::int64_t v = y * a.stride_h - top + index / a.filter_width,
                             u = x * a.stride_w - left + index % a.filter_width;
          if (v < 0 || v >= height || u < 0 || u >= width) continue;
          out.as<float>()[((b * height + v) * width + u) * depth + channel] = in.as<const float>()[at];
        }
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  if (out.bytes > 0) std::memset(out.data, 0, out.bytes);
  if (args.inputs[1].type->storage() == DType::float32) return from_windows(args, args.attributes<A>());
  const std::int64_t image = product(out.shape(), 1, 4), batch = product(in.shape(), 1, 4);
  for (std::int64_t i = 0; i < in.elements(); ++i) {
    const std::int64_t index = args.in<const std::int32_t>(1)[i];
    if (index < 0 || index >= image) return fail_index(args, "max_unpooling_2d", index, image);
    out.as<float>()[i / batch * image + index] = in.as<const float>()[i];
  }
}

constexpr std::array kernels{kernel(DType::float32, DType::float32, run), kernel(DType::float32, DType::int32, run)};
}  // namespace

extern constexpr OpDef max_unpooling_2d{
    .name = "tflite.max_unpooling_2d",
    .help = "An image of zeros with pooled maxima put back where their indices say.",
    .inputs = "input indices",
    .attributes = attribute_table<MaxUnpooling2d>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::tflite
