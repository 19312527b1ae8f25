// depth_to_space: channels become blocks of space.
#include "ops/support/block_space.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  const BlockSpace& a = c.attributes<BlockSpace>();
  Shape shape = c.shape(0);
  const std::int64_t b = a.block_size;
  if (b < 1 || b > 0xFFFF)
    return constraint("depth_to_space_c1", "a block size of " + std::to_string(b) + " is none", Cause::invalid_attribute);
  if (!shape.ranked()) return moved(c, "depth_to_space_c2", open_shape(4));
  if (shape.rank() != 4) return constraint("depth_to_space_c3", "the input " + shape.to_string() + " has not 4 dimensions");
  const SpatialAxes at = spatial_axes(a.layout);
  // depth_to_space_c4: blocks fit
  if (shape[at.channels] >= 0) {
    if (shape[at.channels] % (b * b) != 0)
      return constraint("depth_to_space_c4", std::to_string(shape[at.channels]) + " channels are not a multiple of blocks of " +
          std::to_string(b * b));
    shape[at.channels] /= b * b;
  }
  for (std::size_t i : {at.height, at.width}) {
    if (shape[i] < 0) continue;
    const auto size = multiply_checked(shape[i], b);
    if (!size) return constraint("depth_to_space_c4", "the output is too large", Cause::resource_limit);
    shape[i] = *size;
  }
  return moved(c, "depth_to_space_c2", std::move(shape));
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const StridedCopy copy = block_copy(args.attributes<BlockSpace>(), in.shape(), out.shape(), false);
  move_elements(args, [&](const std::byte* from, std::byte* to, int bits) { copy.run(from, to, bits); });
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef depth_to_space{
    .name = "depth_to_space",
    .help = "Moves channels into square blocks of the spatial dimensions.",
    .attributes = attribute_table<BlockSpace>(block_space_attributes),
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
