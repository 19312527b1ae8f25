// center_crop_pad: ONNX's CenterCropPad: the middle of what is too large, zeros around what is too small.
#include <algorithm>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::onnx {
namespace {

struct CenterCropPad {
  std::vector<std::int64_t> axes{};
};
constexpr std::array attributes{attr<&CenterCropPad::axes>("axes", "which dimensions the shape is of; none: all")};

/// The wanted shape; nothing where the operand fits neither axes nor rank.
std::optional<Shape> wanted(const CenterCropPad& a, const Shape& in, std::span<const std::int64_t> sizes) {
  if (sizes.size() != (a.axes.empty() ? in.rank() : a.axes.size())) return std::nullopt;
  Shape out = in;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const auto axis = normalize_axis(a.axes.empty() ? static_cast<std::int64_t>(i) : a.axes[i], in.rank());
    if (!axis || !sensible_dim(sizes[i])) return std::nullopt;
    out[*axis] = sizes[i];
  }
  return out;
}

Result<Types> infer(const InferContext& c) {
  const Shape& in = c.shape(0);
  if (!in.ranked()) return moved(c, "center_crop_pad_c1", Shape::unknown_rank(), false);
  const auto sizes = c.integers(1);
  if (!sizes) return moved(c, "center_crop_pad_c1", open_shape(in.rank()), false);
  const auto out = wanted(c.attributes<CenterCropPad>(), in, *sizes);
  if (!out)
    return constraint("center_crop_pad_c2", "the shape fits neither the axes nor " + in.to_string(), Cause::invalid_attribute);
  return moved(c, "center_crop_pad_c1", *out, false);
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const auto in_strides = dense_strides(in.shape()), out_strides = dense_strides(out.shape());
  const std::byte zero[16] = {};
  const int bits = element_bits(in);
  clear_tail(out);
  fill_run(out.data, out.elements(), zero, bits);
  StridedCopy copy;
  for (std::size_t d = 0; d < in.rank(); ++d) {
    const std::int64_t more = in.dim(d) - out.dim(d);
    if (more > 0)
      copy.in_offset += more / 2 * in_strides[d];
    else
      copy.out_offset += -more / 2 * out_strides[d];
    copy.add(std::min(in.dim(d), out.dim(d)), in_strides[d], out_strides[d]);
  }
  copy.run(in.data, out.data, bits);
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef center_crop_pad{
    .name = "onnx.center_crop_pad",
    .help = "The input cut, or filled up with zeros, on both sides to the wanted size.",
    .inputs = "input shape",
    .attributes = attribute_table<CenterCropPad>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
