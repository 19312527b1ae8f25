// Type checks of the convolution family.
#include "ops/support/conv_infer.hpp"

#include <string>

namespace qgraph {
namespace {

Report broken(std::string_view op, int number, std::string message, Cause cause) {
  return constraint(std::string(op) + "_c" + std::to_string(number), std::move(message), cause);
}

}  // namespace

Result<ElementType> weighted_output_element(std::string_view op, const InferContext& c, std::size_t out_axis,
                                            std::int64_t channels, bool dynamic_range, std::size_t bias_operand) {
  const TensorType &input = c.input(0), &weights = c.input(1);
  const bool float_input = is_float(input.storage());
  if (!weights.quantized() && is_integer(weights.storage()) && (float_input || input.quantized()))  // c6
    return broken(op, 6, "weights are integers without a scale", Cause::missing_quantization);
  if (!float_input && is_float(weights.storage()))  // c6
    return broken(op, 6, "float weights beside " + std::string(name(input.dtype())) + " input", Cause::missing_conversion);
  if (!input.quantized() && is_integer(input.storage()) && weights.quantized() && c.declared().storage() != DType::int32)  // c6
    return broken(op, 6, "input holds integers without a scale", Cause::missing_quantization);
  const Quantization* q = weights.quantization();
  if (q && q->block_size == 0 && q->scales.size() > 1 && weights.shape.ranked() && (!float_input || dynamic_range)) {  // c7
    const auto axis = normalize_axis(q->axis, weights.shape.rank());
    if (!axis || *axis != out_axis)
      return broken(
          op, 7,
          "weights have scales along axis " + std::to_string(q->axis) + ", output channels are axis " + std::to_string(out_axis),
          Cause::invalid_quantization);
    if (channels >= 0 && static_cast<std::int64_t>(q->scales.size()) != channels)
      return broken(op, 7, std::to_string(q->scales.size()) + " scales for " + std::to_string(channels) + " output channels",
                    Cause::invalid_quantization);
  }
  if (c.has(bias_operand) && channels >= 0) {  // c8
    const Shape& bias = c.shape(bias_operand);
    if (const auto n = bias.elements(); n && *n != channels)
      return broken(op, 8, "bias has " + std::to_string(*n) + " elements for " + std::to_string(channels) + " output channels",
                    Cause::shape_mismatch);
  }
  const TensorType declared = c.declared();
  if (input.quantized()) {
    if (declared.quantized() && is_integer(declared.storage())) return declared.element;
    if (declared.dtype() == DType::int32) return ElementType(Plain{DType::int32});
    return c.declared_element(0, Quantized(input.storage(), Quantization{}));
  }
  if (float_input) return c.declared_element(0, Plain{input.storage()});
  return ElementType(Plain{DType::int32});
}

}  // namespace qgraph
