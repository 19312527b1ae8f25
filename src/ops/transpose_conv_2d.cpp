// transpose_conv_2d: TFLite's TRANSPOSE_CONV, MediaPipe's Convolution2DTransposeBias, ONNX's ConvTranspose.
#include "ops/op_def.hpp"
#include "ops/support/transpose_conv.hpp"

namespace qgraph::ops {
namespace {

struct TransposeConv2d {
  std::int64_t stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  Padding padding = Padding::valid;
  std::int64_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0, output_padding_h = 0, output_padding_w = 0;
  std::int64_t groups = 0;
  Activation activation = Activation::none;
  Layout layout = Layout::nhwc;
  FilterLayout filter_layout = FilterLayout::ohwi;
  Rounding rounding = Rounding::double_rounding;
  bool dynamic_range = false;
  bool narrow_accumulator = false;

  ConvParameters parameters() const {
    return {.stride = {1, stride_h, stride_w},
            .dilation = {1, dilation_h, dilation_w},
            .pad_before = {0, pad_top, pad_left},
            .pad_after = {0, pad_bottom, pad_right},
            .output_padding = {0, output_padding_h, output_padding_w},
            .padding = padding,
            .groups = groups,
            .layout = layout,
            .filter_layout = filter_layout,
            .spatial = 2};
  }
};

constexpr std::array rows{
    attr<&TransposeConv2d::stride_h>("stride_h", "output rows between windows"),
    attr<&TransposeConv2d::stride_w>("stride_w", "output columns between windows"),
    attr<&TransposeConv2d::dilation_h>("dilation_h", "rows between taps"),
    attr<&TransposeConv2d::dilation_w>("dilation_w", "columns between taps"),
    attr<&TransposeConv2d::padding>("padding", "what is cut off the output: that of the convolution which this one turns round"),
    attr<&TransposeConv2d::pad_top>("pad_top", "rows cut before, where padding is explicit"),
    attr<&TransposeConv2d::pad_left>("pad_left", "columns cut before"),
    attr<&TransposeConv2d::pad_bottom>("pad_bottom", "rows cut behind"),
    attr<&TransposeConv2d::pad_right>("pad_right", "columns cut behind"),
    attr<&TransposeConv2d::output_padding_h>("output_padding_h", "further rows behind, where padding is explicit"),
    attr<&TransposeConv2d::output_padding_w>("output_padding_w", "further columns behind"),
    attr<&TransposeConv2d::groups>("groups", "groups of channels; 0: one"),
    attr<&TransposeConv2d::activation>("activation", "what is applied to the result"),
    attr<&TransposeConv2d::layout>("layout", "of input and output"),
    attr<&TransposeConv2d::filter_layout>("filter_layout",
                                          "of the weights; o are the output channels of one group, i all input channels"),
    attr<&TransposeConv2d::rounding>("rounding", "how sums become stored integers"),
    attr<&TransposeConv2d::dynamic_range>(
        "dynamic_range", "float input is quantized on the fly to meet integer weights; else weights are dequantized"),
    attr<&TransposeConv2d::narrow_accumulator>("narrow_accumulator",
                                               "16-bit input: sums of 32 bits, not 64, decide the rounding"),
};

Result<Types> infer(const InferContext& c) {
  const auto& a = c.attributes<TransposeConv2d>();
  return infer_transpose_conv("transpose_conv_2d", c, a.parameters(), a.dynamic_range);
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const auto& a = c.attributes<TransposeConv2d>();
  const DType input = c.inputs[0].type->storage();
  const ConvParameters p = a.parameters();
  return prepare_transpose_conv(c, {.parameters = p,
                                    .wishes = {.rounding = a.rounding,
                                               .activation = a.activation,
                                               .float_product = input == DType::uint8,
                                               .narrow = input != DType::int16 || a.narrow_accumulator,
                                               .scale_in_turn = true,
                                               .channels = c.outputs[0].dim(channel_axis(p))},
                                    .dynamic_range = a.dynamic_range});
}

constexpr auto kernels = transpose_conv_kernels<prepare>();

}  // namespace

extern constexpr OpDef transpose_conv_2d{.name = "transpose_conv_2d",
                                         .help =
                                             "The gradient of a convolution by its input, as TensorFlow Lite's TRANSPOSE_CONV "
                                             "and ONNX's ConvTranspose. output_shape, where given, is the "
                                             "whole shape of the output.",
                                         .inputs = "input weights bias? output_shape?",
                                         .exactness = Exactness::float_order,
                                         .attributes = attribute_table<TransposeConv2d>(rows),
                                         .infer = &infer,
                                         .reference = kernels,
                                         .primary = 1,
                                         .secondary = 0};

}  // namespace qgraph::ops
