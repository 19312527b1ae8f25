// depth_to_space and space_to_depth: the two directions of one rearrangement.
#pragma once

#include "ops/op_def.hpp"
#include "ops/support/layout.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {

/// How the channels of a block lie: block, then channel (TensorFlow, ONNX's DCR), or channel, then block (ONNX's CRD).
enum class BlockOrder : std::uint8_t { dcr, crd };
constexpr std::string_view block_order_words[] = {"dcr", "crd"};
constexpr std::span<const std::string_view> enum_words(BlockOrder) { return block_order_words; }

struct BlockSpace {
  std::int64_t block_size = 1;
  BlockOrder mode = BlockOrder::dcr;
  Layout layout = Layout::nhwc;
};
inline constexpr std::array block_space_attributes{
    attr<&BlockSpace::block_size>("block_size", "edge of the square blocks"),
    attr<&BlockSpace::mode>("mode", "how a block's channels lie"),
    attr<&BlockSpace::layout>("layout", "channels last or first"),
};

struct SpatialAxes {
  std::size_t height, width, channels;
};
constexpr SpatialAxes spatial_axes(Layout layout) noexcept {
  return layout == Layout::nhwc ? SpatialAxes{1, 2, 3} : SpatialAxes{2, 3, 1};
}

/// Copies between the deep tensor [n, h, w, b*b*c] and the wide one [n, h*b, w*b, c].
inline StridedCopy block_copy(const BlockSpace& a, const Shape& deep, const Shape& wide, bool to_deep) noexcept {
  const SpatialAxes at = spatial_axes(a.layout);
  const auto deep_strides = dense_strides(deep), wide_strides = dense_strides(wide);
  const std::int64_t b = a.block_size, c = wide[at.channels];
  const std::int64_t channel = deep_strides[at.channels] * (a.mode == BlockOrder::dcr ? 1 : b * b);
  const std::int64_t block = deep_strides[at.channels] * (a.mode == BlockOrder::dcr ? c : 1);
  StridedCopy copy;
  const auto add = [&](std::int64_t extent, std::int64_t in_deep, std::int64_t in_wide) {
    to_deep ? copy.add(extent, in_wide, in_deep) : copy.add(extent, in_deep, in_wide);
  };
  add(deep[0], deep_strides[0], wide_strides[0]);
  add(deep[at.height], deep_strides[at.height], b * wide_strides[at.height]);
  add(b, b * block, wide_strides[at.height]);
  add(deep[at.width], deep_strides[at.width], b * wide_strides[at.width]);
  add(b, block, wide_strides[at.width]);
  add(c, channel, wide_strides[at.channels]);
  return copy;
}

/// <op>_c1: the block size is positive; c2: the output's type; c3: rank 4; c4: blocks fit.
inline Result<Types> infer_block_space(const InferContext& c, std::string_view op, bool to_deep) {
  const auto label = [op](const char* which) { return std::string(op) + which; };
  const BlockSpace& a = c.attributes<BlockSpace>();
  Shape shape = c.shape(0);
  const std::int64_t b = a.block_size;
  if (b < 1 || b > 0xFFFF)
    return constraint(label("_c1"), "a block size of " + std::to_string(b) + " is none", Cause::invalid_attribute);
  if (!shape.ranked()) return moved(c, label("_c2"), open_shape(4));
  if (shape.rank() != 4) return constraint(label("_c3"), "the input " + shape.to_string() + " has not 4 dimensions");
  const SpatialAxes at = spatial_axes(a.layout);
  for (const auto& [axis, factor, grows] :
       {std::tuple(at.height, b, !to_deep), {at.width, b, !to_deep}, {at.channels, b * b, to_deep}}) {
    if (shape[axis] < 0) continue;
    const auto size = grows ? multiply_checked(shape[axis], factor) : std::optional(shape[axis] / factor);
    if (!grows && shape[axis] % factor != 0)
      return constraint(label("_c4"), shape.to_string() + " is not a multiple of blocks: dimension " + std::to_string(axis) +
                                          " is to be one of " + std::to_string(factor));
    if (!size) return constraint(label("_c4"), "the output is too large", Cause::resource_limit);
    shape[axis] = *size;
  }
  return moved(c, label("_c2"), std::move(shape));
}

template <bool to_deep>
void run_block_space(const KernelArgs& args) noexcept {
  const Shape &in = args.inputs[0].shape(), &out = args.outputs[0].shape();
  const StridedCopy copy = block_copy(args.attributes<BlockSpace>(), to_deep ? out : in, to_deep ? in : out, to_deep);
  move_elements(args, [&](const std::byte* from, std::byte* to, int bits) { copy.run(from, to, bits); });
}
template <bool to_deep>
inline constexpr std::array block_space_kernels{kernel(DType::unknown, run_block_space<to_deep>)};

}  // namespace qgraph::ops
