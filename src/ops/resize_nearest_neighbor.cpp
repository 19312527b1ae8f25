// resize_nearest_neighbor: an image of another size, each pixel the nearest one of the input.
#include "ops/support/resize.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) { return infer_resize(c, "resize_nearest_neighbor_c1", true); }

void run(const KernelArgs& args) noexcept {
  const Resize& a = args.attributes<Resize>();
  const ImageShape in = image_shape(args.inputs[0].shape(), a.layout), out = image_shape(args.outputs[0].shape(), a.layout);
  const float height_scale = resize_scale(a.coordinates, in.height, out.height),
              width_scale = resize_scale(a.coordinates, in.width, out.width);
  move_elements(args, [&](const std::byte* from, std::byte* to, int bits) {
    std::int64_t at = 0;
    for (std::int64_t b = 0; b < out.batches; ++b)
      for (std::int64_t y = 0; y < out.height; ++y) {
        const std::int64_t row = b * in.height + resize_nearest(a.coordinates, y, in.height, height_scale);
        for (std::int64_t x = 0; x < out.width; ++x, at += out.depth)
          copy_run(from, (row * in.width + resize_nearest(a.coordinates, x, in.width, width_scale)) * in.depth, to, at, out.depth,
                   bits);
      }
  });
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef resize_nearest_neighbor{
    .name = "resize_nearest_neighbor",
    .help = "An image of the given height and width; each pixel is the nearest one of the input.",
    .inputs = "input size",
    .attributes = attribute_table<Resize>(resize_attributes),
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
