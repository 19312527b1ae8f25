// space_to_depth: blocks of space become channels.
#include "ops/support/block_space.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  const BlockSpace& a = c.attributes<BlockSpace>();
  Shape shape = c.shape(0);
  const std::int64_t b = a.block_size;
  if (b < 1 || b > 0xFFFF)
    return constraint("space_to_depth_c1", "a block size of " + std::to_string(b) + " is none", Cause::invalid_attribute);
  if (!shape.ranked()) return moved(c, "space_to_depth_c2", open_shape(4));
  if (shape.rank() != 4) return constraint("space_to_depth_c3", "the input " + shape.to_string() + " has not 4 dimensions");
  const SpatialAxes at = spatial_axes(a.layout);
  // space_to_depth_c4: blocks fit
  for (std::size_t i : {at.height, at.width}) {
    if (shape[i] < 0) continue;
    if (shape[i] % b != 0)
      return constraint("space_to_depth_c4", shape.to_string() + " is not a multiple of blocks of " + std::to_string(b));
    shape[i] /= b;
  }
  if (shape[at.channels] >= 0) {
    const auto channels = multiply_checked(shape[at.channels], b * b);
    if (!channels) return constraint("space_to_depth_c4", "too many channels", Cause::resource_limit);
    shape[at.channels] = *channels;
  }
  return moved(c, "space_to_depth_c2", std::move(shape));
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const StridedCopy copy = block_copy(args.attributes<BlockSpace>(), out.shape(), in.shape(), true);
  move_elements(args, [&](const std::byte* from, std::byte* to, int bits) { copy.run(from, to, bits); });
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef space_to_depth{
    .name = "space_to_depth",
    .help = "Moves square blocks of the spatial dimensions into channels.",
    .attributes = attribute_table<BlockSpace>(block_space_attributes),
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
