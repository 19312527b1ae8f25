// fully_connected: TFLite's FULLY_CONNECTED; ONNX's Gemm with constant factors of 1.
#include "ops/op_def.hpp"
#include "ops/support/conv_infer.hpp"
#include "ops/support/conv_kernels.hpp"

namespace qgraph::ops {
namespace {

enum class MatrixLayout : std::uint8_t { oi, io };
constexpr std::string_view matrix_layout_words[] = {"oi", "io"};
constexpr std::span<const std::string_view> enum_words(MatrixLayout) { return matrix_layout_words; }

struct FullyConnected {
  Activation activation = Activation::none;
  bool keep_num_dims = false;
  MatrixLayout weights_layout = MatrixLayout::oi;
  Rounding rounding = Rounding::double_product;
  bool dynamic_range = false;
  bool asymmetric_inputs = false;
  Summation summation = Summation::separate;

  std::size_t out_axis() const { return weights_layout == MatrixLayout::oi ? 0 : 1; }
};

constexpr std::array rows{
    attr<&FullyConnected::activation>("activation", "what is applied to the result"),
    attr<&FullyConnected::keep_num_dims>("keep_num_dims",
                                         "the output keeps the input's leading dimensions; else it is [rows, units]"),
    attr<&FullyConnected::weights_layout>("weights_layout", "oi: [units, depth]; io: [depth, units]"),
    attr<&FullyConnected::rounding>("rounding", "how sums become stored integers"),
    attr<&FullyConnected::dynamic_range>(
        "dynamic_range", "float input is quantized on the fly to meet integer weights; else weights are dequantized"),
    attr<&FullyConnected::asymmetric_inputs>("asymmetric_inputs",
                                             "that quantization has a zero point (blockwise weights: always)"),
    attr<&FullyConnected::summation>("summation", summation_doc),
};

Result<Shape> output_shape(const FullyConnected& a, const Shape& input, const Shape& weights) {
  const std::int64_t units = weights.ranked() ? weights[a.out_axis()] : -1,
                     depth = weights.ranked() ? weights[1 - a.out_axis()] : -1;
  if (!input.ranked()) return a.keep_num_dims ? Shape::unknown_rank() : Shape{-1, units};
  if (a.keep_num_dims) {
    if (input.rank() == 0) return constraint("fully_connected_c3", "keep_num_dims wants an input of rank 1 or more");
    const std::int64_t last = input[input.rank() - 1];
    if (last >= 0 && depth >= 0 && last != depth)  // fully_connected_c3
      return constraint("fully_connected_c3",
                        "the input's last dimension is " + std::to_string(last) + ", weights want " + std::to_string(depth));
    Shape out = input;
    out[out.rank() - 1] = units;
    return out;
  }
  const auto elements = input.elements();
  if (!elements || depth < 0) return Shape{-1, units};
  if (depth == 0) {
    const auto leading = Shape(input.dims().first(input.rank() - (input.rank() > 0 ? 1U : 0U))).elements();
    return Shape{leading.value_or(-1), units};
  }
  if (*elements % depth != 0)  // fully_connected_c3
    return constraint("fully_connected_c3",
                      std::to_string(*elements) + " input elements are no rows of " + std::to_string(depth));
  return Shape{*elements / depth, units};
}

Result<Types> infer(const InferContext& c) {
  const auto& a = c.attributes<FullyConnected>();
  const Shape& weights = c.shape(1);
  if (weights.ranked() && weights.rank() != 2)  // fully_connected_c2
    return constraint("fully_connected_c2", "weights must have rank 2, have " + weights.to_string());
  auto shape = output_shape(a, c.shape(0), weights);
  if (!shape) return std::move(shape).error();
  auto element =
      weighted_output_element("fully_connected", c, a.out_axis(), weights.ranked() ? weights[a.out_axis()] : -1, a.dynamic_range);
  if (!element) return std::move(element).error();
  return Types{{std::move(*element), std::move(*shape)}};
}

/// Rows are the columns of an image of height 1.
ConvGeometry geometry(const FullyConnected& a, const Shape& weights, std::int64_t outputs) {
  ConvGeometry g;
  g.group_out = weights[a.out_axis()];
  g.group_in = weights[1 - a.out_axis()];
  g.in[2] = g.out[2] = g.group_out == 0 ? 0 : outputs / g.group_out;
  g.input = {0, 1, {0, 0, g.group_in}};
  g.output = {0, 1, {0, 0, g.group_out}};
  const bool oi = a.weights_layout == MatrixLayout::oi;
  g.weights_out = oi ? g.group_in : 1;
  g.weights_in = oi ? 1 : g.group_out;
  g.weights_group = g.group_out * g.weights_out;
  g.weights_spatial = {g.group_in, g.group_in, g.group_in};
  return g;
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  const auto& a = c.attributes<FullyConnected>();
  const TensorType& weights = *c.inputs[1].type;
  ConvRequest r{.geometry = geometry(a, weights.shape, c.outputs[0].elements()),
                .dynamic_range = a.dynamic_range,
                .asymmetric = a.asymmetric_inputs,
                .summation = a.summation,
                .matrix = true};
  r.wishes = {.rounding = a.rounding,
              .activation = a.activation,
              .float_product = weights.quantized() && weights.quantization()->per_tensor(),
              .narrow = c.inputs[0].type->storage() != DType::int16,
              .channels = r.geometry.group_out};
  // The products in double of the default rule take each scale in double.
  if (a.rounding == Rounding::double_product) r.wishes.float_product = false;
  r.scale_elements = r.geometry.group_in;
  return prepare_conv(c, r);
}

constexpr auto kernels = conv_kernels<prepare>();

}  // namespace

extern constexpr OpDef fully_connected{
    .name = "fully_connected",
    .help = "Rows of the input times a matrix of weights, with bias and activation, as TensorFlow Lite's FULLY_CONNECTED.",
    .inputs = "input weights bias?",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<FullyConnected>(rows),
    .infer = &infer,
    .reference = kernels,
    .primary = 1,
    .secondary = 0};

}  // namespace qgraph::ops
