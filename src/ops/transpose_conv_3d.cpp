// transpose_conv_3d: TFLite's CONV_3D_TRANSPOSE, ONNX's ConvTranspose in three dimensions.
#include "ops/op_def.hpp"
#include "ops/support/transpose_conv.hpp"

namespace qgraph::ops {
namespace {

struct TransposeConv3d {
  std::int64_t stride_d = 1, stride_h = 1, stride_w = 1, dilation_d = 1, dilation_h = 1, dilation_w = 1;
  Padding padding = Padding::valid;
  std::int64_t pad_front = 0, pad_top = 0, pad_left = 0, pad_back = 0, pad_bottom = 0, pad_right = 0;
  std::int64_t output_padding_d = 0, output_padding_h = 0, output_padding_w = 0;
  std::int64_t groups = 0;
  Activation activation = Activation::none;
  Layout layout = Layout::nhwc;
  FilterLayout filter_layout = FilterLayout::hwoi;

  ConvParameters parameters() const {
    return {.stride = {stride_d, stride_h, stride_w},
            .dilation = {dilation_d, dilation_h, dilation_w},
            .pad_before = {pad_front, pad_top, pad_left},
            .pad_after = {pad_back, pad_bottom, pad_right},
            .output_padding = {output_padding_d, output_padding_h, output_padding_w},
            .padding = padding,
            .groups = groups,
            .layout = layout,
            .filter_layout = filter_layout,
            .spatial = 3};
  }
};

constexpr std::array rows{
    attr<&TransposeConv3d::stride_d>("stride_d", "output slices between windows"),
    attr<&TransposeConv3d::stride_h>("stride_h", "output rows between windows"),
    attr<&TransposeConv3d::stride_w>("stride_w", "output columns between windows"),
    attr<&TransposeConv3d::dilation_d>("dilation_d", "slices between taps"),
    attr<&TransposeConv3d::dilation_h>("dilation_h", "rows between taps"),
    attr<&TransposeConv3d::dilation_w>("dilation_w", "columns between taps"),
    attr<&TransposeConv3d::padding>("padding", "what is cut off the output"),
    attr<&TransposeConv3d::pad_front>("pad_front", "slices cut before, where padding is explicit"),
    attr<&TransposeConv3d::pad_top>("pad_top", "rows cut before"),
    attr<&TransposeConv3d::pad_left>("pad_left", "columns cut before"),
    attr<&TransposeConv3d::pad_back>("pad_back", "slices cut behind"),
    attr<&TransposeConv3d::pad_bottom>("pad_bottom", "rows cut behind"),
    attr<&TransposeConv3d::pad_right>("pad_right", "columns cut behind"),
    attr<&TransposeConv3d::output_padding_d>("output_padding_d", "further slices behind, where padding is explicit"),
    attr<&TransposeConv3d::output_padding_h>("output_padding_h", "further rows behind"),
    attr<&TransposeConv3d::output_padding_w>("output_padding_w", "further columns behind"),
    attr<&TransposeConv3d::groups>("groups", "groups of channels; 0: one"),
    attr<&TransposeConv3d::activation>("activation", "what is applied to the result"),
    attr<&TransposeConv3d::layout>("layout", "nhwc: [n,d,h,w,c]; nchw: [n,c,d,h,w]"),
    attr<&TransposeConv3d::filter_layout>("filter_layout", "of the weights, hw standing for d,h,w"),
};

Result<Types> infer(const InferContext& c) {
  return infer_transpose_conv("transpose_conv_3d", c, c.attributes<TransposeConv3d>().parameters(), false);
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const auto& a = c.attributes<TransposeConv3d>();
  const ConvParameters p = a.parameters();
  return prepare_transpose_conv(
      c, {.parameters = p, .wishes = {.activation = a.activation, .channels = c.outputs[0].dim(channel_axis(p))}});
}

constexpr auto kernels = transpose_conv_kernels<prepare>();

}  // namespace

extern constexpr OpDef transpose_conv_3d{.name = "transpose_conv_3d",
                                         .help =
                                             "The gradient of a three-dimensional convolution by its input, as TensorFlow Lite's "
                                             "CONV_3D_TRANSPOSE. output_shape, where given, is the whole "
                                             "shape of the output.",
                                         .inputs = "input weights bias? output_shape?",
                                         .exactness = Exactness::float_order,
                                         .attributes = attribute_table<TransposeConv3d>(rows),
                                         .infer = &infer,
                                         .reference = kernels,
                                         .primary = 1,
                                         .secondary = 0};

}  // namespace qgraph::ops
