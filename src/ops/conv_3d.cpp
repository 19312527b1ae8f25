// conv_3d: TFLite's CONV_3D, ONNX's Conv in three dimensions.
#include "ops/op_def.hpp"
#include "ops/support/conv_infer.hpp"
#include "ops/support/conv_kernels.hpp"

namespace qgraph::ops {
namespace {

struct Conv3d {
  std::int64_t stride_d = 1, stride_h = 1, stride_w = 1, dilation_d = 1, dilation_h = 1, dilation_w = 1;
  Padding padding = Padding::valid;
  std::int64_t pad_front = 0, pad_top = 0, pad_left = 0, pad_back = 0, pad_bottom = 0, pad_right = 0;
  std::int64_t groups = 0;
  Activation activation = Activation::none;
  Layout layout = Layout::nhwc;
  FilterLayout filter_layout = FilterLayout::hwio;
  Rounding rounding = Rounding::double_rounding;
  Summation summation = Summation::separate;

  ConvParameters parameters() const {
    return {.stride = {stride_d, stride_h, stride_w},
            .dilation = {dilation_d, dilation_h, dilation_w},
            .pad_before = {pad_front, pad_top, pad_left},
            .pad_after = {pad_back, pad_bottom, pad_right},
            .padding = padding,
            .groups = groups,
            .layout = layout,
            .filter_layout = filter_layout,
            .spatial = 3};
  }
};

constexpr std::array rows{
    attr<&Conv3d::stride_d>("stride_d", "slices between windows"),
    attr<&Conv3d::stride_h>("stride_h", "rows between windows"),
    attr<&Conv3d::stride_w>("stride_w", "columns between windows"),
    attr<&Conv3d::dilation_d>("dilation_d", "slices between taps"),
    attr<&Conv3d::dilation_h>("dilation_h", "rows between taps"),
    attr<&Conv3d::dilation_w>("dilation_w", "columns between taps"),
    attr<&Conv3d::padding>("padding", "how the border is filled"),
    attr<&Conv3d::pad_front>("pad_front", "slices before, where padding is explicit"),
    attr<&Conv3d::pad_top>("pad_top", "rows before"),
    attr<&Conv3d::pad_left>("pad_left", "columns before"),
    attr<&Conv3d::pad_back>("pad_back", "slices behind"),
    attr<&Conv3d::pad_bottom>("pad_bottom", "rows behind"),
    attr<&Conv3d::pad_right>("pad_right", "columns behind"),
    attr<&Conv3d::groups>("groups", "groups of channels; 0: input channels / weights' input channels"),
    attr<&Conv3d::activation>("activation", "what is applied to the result"),
    attr<&Conv3d::layout>("layout", "nhwc: [n,d,h,w,c]; nchw: [n,c,d,h,w]"),
    attr<&Conv3d::filter_layout>("filter_layout", "of the weights, hw standing for d,h,w"),
    attr<&Conv3d::rounding>("rounding", "how sums become stored integers"),
    attr<&Conv3d::summation>("summation", summation_doc),
};

Result<Types> infer(const InferContext& c) {
  const ConvParameters p = c.attributes<Conv3d>().parameters();
  auto shape = conv_output_shape("conv_3d", p, c.shape(0), c.shape(1));
  if (!shape) return std::move(shape).error();
  auto element = weighted_output_element("conv_3d", c, filter_out_axis(p), (*shape)[channel_axis(p)], false);
  if (!element) return std::move(element).error();
  return Types{{std::move(*element), std::move(*shape)}};
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const auto& a = c.attributes<Conv3d>();
  ConvRequest r{.geometry = conv_geometry(a.parameters(), c.inputs[0].shape(), c.inputs[1].shape(), c.outputs[0].shape(), false),
                .summation = a.summation};
  r.wishes = {.rounding = a.rounding,
              .activation = a.activation,
              .narrow = c.inputs[0].type->storage() != DType::int16,
              .channels = r.geometry.channels_out()};
  return prepare_conv(c, r);
}

constexpr auto kernels = conv_kernels<prepare>();

}  // namespace

extern constexpr OpDef conv_3d{
    .name = "conv_3d",
    .help = "Three-dimensional convolution with groups, bias and activation, as TensorFlow Lite's CONV_3D and ONNX's Conv.",
    .inputs = "input weights bias?",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<Conv3d>(rows),
    .infer = &infer,
    .reference = kernels,
    .primary = 1,
    .secondary = 0};

}  // namespace qgraph::ops
