// conv_2d: TFLite's CONV_2D, ONNX's Conv, QLinearConv and ConvInteger.
#include "ops/conv_2d.hpp"

#include "ops/op_def.hpp"
#include "ops/support/conv_infer.hpp"
#include "ops/support/conv_kernels.hpp"

namespace qgraph::ops {
namespace {

constexpr std::array rows{
    attr<&Conv2d::stride_h>("stride_h", "rows between windows"),
    attr<&Conv2d::stride_w>("stride_w", "columns between windows"),
    attr<&Conv2d::dilation_h>("dilation_h", "rows between taps"),
    attr<&Conv2d::dilation_w>("dilation_w", "columns between taps"),
    attr<&Conv2d::padding>("padding", "how the border is filled"),
    attr<&Conv2d::pad_top>("pad_top", "rows before, where padding is explicit"),
    attr<&Conv2d::pad_left>("pad_left", "columns before"),
    attr<&Conv2d::pad_bottom>("pad_bottom", "rows behind"),
    attr<&Conv2d::pad_right>("pad_right", "columns behind"),
    attr<&Conv2d::groups>("groups", "groups of channels; 0: input channels / weights' input channels"),
    attr<&Conv2d::activation>("activation", "what is applied to the result"),
    attr<&Conv2d::layout>("layout", "of input and output"),
    attr<&Conv2d::filter_layout>("filter_layout", "of the weights"),
    attr<&Conv2d::rounding>("rounding", "how sums become stored integers"),
    attr<&Conv2d::dynamic_range>("dynamic_range",
                                 "float input is quantized on the fly to meet integer weights; else weights are dequantized"),
    attr<&Conv2d::asymmetric_inputs>("asymmetric_inputs",
                                     "that quantization has a zero point (always where weight scales differ, or with groups)"),
    attr<&Conv2d::narrow_accumulator>("narrow_accumulator", "16-bit input: sums of 32 bits, not 64, decide the rounding"),
    attr<&Conv2d::summation>("summation", summation_doc),
};

Result<Types> infer(const InferContext& c) {
  const auto& a = c.attributes<Conv2d>();
  const ConvParameters p = a.parameters();
  auto shape = conv_output_shape("conv_2d", p, c.shape(0), c.shape(1));
  if (!shape) return std::move(shape).error();
  auto element = weighted_output_element("conv_2d", c, filter_out_axis(p), (*shape)[channel_axis(p)], a.dynamic_range);
  if (!element) return std::move(element).error();
  return Types{{std::move(*element), std::move(*shape)}};
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const auto& a = c.attributes<Conv2d>();
  ConvRequest r{.geometry = conv_geometry(a.parameters(), c.inputs[0].shape(), c.inputs[1].shape(), c.outputs[0].shape(), false),
                .dynamic_range = a.dynamic_range,
                .summation = a.summation};
  const TensorType& input = *c.inputs[0].type;
  r.wishes = {.rounding = a.rounding,
              .activation = a.activation,
              .float_product = input.storage() == DType::uint8,
              .narrow = input.storage() != DType::int16 || a.narrow_accumulator,
              .channels = r.geometry.channels_out()};
  if (const Quantization* q = c.inputs[1].type->quantization(); q && a.dynamic_range) {
    // TFLite's hybrid convolution has two forms; scales that differ, or groups, lead to the second.
    const bool per_channel = r.geometry.groups != 1 || std::ranges::any_of(q->scales, [&](float s) { return s != q->scales[0]; });
    r.asymmetric = a.asymmetric_inputs || per_channel;
    r.wishes.scale_in_turn = per_channel;
  }
  r.pixels_per_scale = r.geometry.pixels();
  r.scale_elements = r.geometry.batch == 0 ? 1 : c.inputs[0].elements() / r.geometry.batch;
  return prepare_conv(c, r);
}

constexpr auto kernels = conv_kernels<prepare>();

}  // namespace

extern constexpr OpDef conv_2d{.name = "conv_2d",
                               .help =
                                   "Two-dimensional convolution (cross-correlation) with groups, bias and activation, as "
                                   "TensorFlow Lite's CONV_2D and ONNX's Conv.",
                               .inputs = "input weights bias?",
                               .exactness = Exactness::float_order,
                               .attributes = attribute_table<Conv2d>(rows),
                               .infer = &infer,
                               .reference = kernels,
                               .primary = 1,
                               .secondary = 0};

}  // namespace qgraph::ops
