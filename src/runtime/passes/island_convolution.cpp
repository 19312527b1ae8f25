// Convolutions and fully connected layers: sums of integers, scaled once.
#include <algorithm>
#include <cmath>

#include "ops/support/dequantize_values.hpp"
#include "runtime/passes/islands.hpp"

namespace qgraph::runtime::passes {
namespace {

/// Longer sums might not fit 32 bits.
constexpr std::int64_t most_products = std::int64_t{1} << 15;
/// How far from the definition a bias may move a result, in steps; or, of itself, as float arithmetic may.
constexpr double most_shift = 1.0 / 2048, most_relative = 1.0 / (1 << 22);

/// Scales of each channel; one for all where there is one.
float scale_at(const Quantization& q, std::size_t i) { return q.scales[q.scales.size() == 1 ? 0 : i]; }

/// The reals of a constant bias.
std::optional<std::vector<double>> bias_values(const Draft& draft, TensorId bias) {
  const TensorId stored = dequantized_constant(draft, bias);
  const TensorId t = stored ? stored : bias;
  const TensorType& type = draft.type(t);
  const auto n = type.shape.elements();
  if (!draft.constant(t) || !n || type.shape.rank() != 1 || type.bytes() != draft.tensor(t).data.bytes.size())
    return std::nullopt;
  std::vector<double> values(static_cast<std::size_t>(*n));
  const std::byte* data = draft.tensor(t).data.bytes.data();
  if (const Quantization* q = type.quantization()) {
    if (type.storage() != DType::int32 || q->block_size != 0 || (!q->per_tensor() && q->scales.size() != values.size()))
      return std::nullopt;
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<double>(scale_at(*q, i)) *
                  static_cast<double>(integer_at(data, DType::int32, static_cast<std::int64_t>(i)) - q->zero_point(i));
  } else if (type.dtype() == DType::float32) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      float value = 0;
      std::copy_n(data + i * sizeof(float), sizeof(float), reinterpret_cast<std::byte*>(&value));
      values[i] = static_cast<double>(value);
    }
  } else {
    return std::nullopt;
  }
  return values;
}

/// The bias as integers of the scale that sums have. None: there is no such.
TensorId integer_bias(const Island& island, TensorId bias, float input_scale, const Quantization& weights) {
  const auto values = bias_values(island.draft, bias);
  if (!values || (weights.scales.size() > 1 && weights.scales.size() != values->size())) return {};
  std::vector<std::int32_t> stored;
  for (std::size_t i = 0; i < values->size(); ++i) {
    const double scale = static_cast<double>(input_scale) * static_cast<double>(scale_at(weights, i));
    const double exact = (*values)[i] / scale, whole = std::nearbyint(exact);
    if (!(std::abs(whole) < 1 << 30)) return {};
    const double error = std::abs(exact - whole);
    if (error * scale / static_cast<double>(island.type().scale()) > most_shift && error > most_relative * std::abs(exact))
      return {};
    stored.push_back(static_cast<std::int32_t>(whole));
  }
  return island.draft.constant(TensorType(DType::int32, Shape{static_cast<std::int64_t>(stored.size())}),
                               Buffer::of(std::span<const std::int32_t>(stored)));
}

/// The bias as floats, which is added behind the sums.
TensorId float_bias(const Island& island, TensorId bias) {
  const auto values = bias_values(island.draft, bias);
  if (!values) return {};
  std::vector<float> floats;
  for (double value : *values) floats.push_back(static_cast<float>(value));
  return island.draft.constant(TensorType(DType::float32, Shape{static_cast<std::int64_t>(floats.size())}),
                               Buffer::of(std::span<const float>(floats)));
}

}  // namespace

bool fuse_convolution(const Island& island) {
  Draft& draft = island.draft;
  const auto clamped = without_clamps(island);
  if (!clamped || draft.readers(clamped->real) > 1) return false;
  const Node* node = draft.maker(clamped->real);
  if (!node || !node->op ||
      (node->op->name != "conv_2d" && node->op->name != "transpose_conv_2d" && node->op->name != "fully_connected"))
    return false;
  const Node layer = *node;
  if (layer.inputs.size() < 2 || (layer.inputs.size() > 3 && layer.inputs[3])) return false;
  if (!says(layer, "activation", "none")) return false;
  const TensorId input = dequantized(draft, layer.inputs[0]), weights = dequantized_constant(draft, layer.inputs[1]);
  if (!input || draft.constant(input) || !weights) return false;
  const TensorType& type = draft.type(weights);
  const Quantization& q = *type.quantization();
  // With fewer bits, scales are often such that results lie between two steps, and ONNX Runtime works in float.
  if (bits(type.storage()) != 8 || q.block_size != 0 || !type.shape.is_static() || type.shape.rank() < 2) return false;
  const std::int64_t products = *type.shape.elements() / std::max<std::int64_t>(*std::ranges::min_element(type.shape.dims()), 1);
  const std::int64_t outputs = q.per_tensor() ? 1 : static_cast<std::int64_t>(q.scales.size());
  if (std::min(products, *type.shape.elements() / std::max<std::int64_t>(outputs, 1)) > most_products) return false;
  std::vector<TensorId> inputs{input, weights};
  if (layer.inputs.size() > 2 && layer.inputs[2]) {
    TensorId bias = integer_bias(island, layer.inputs[2], draft.type(input).scale(), q);
    if (!bias && layer.op->name != "transpose_conv_2d") bias = float_bias(island, layer.inputs[2]);
    if (!bias) return false;
    inputs.push_back(bias);
  }
  return island.add(
      {layer.op->name, inputs,
       attributes_with(layer, {{"rounding", std::string("nearest_even")},
                               {"dynamic_range", std::int64_t{0}},
                               {"activation", std::string(activation_words[static_cast<std::size_t>(clamped->activation)])}})});
}

}  // namespace qgraph::runtime::passes
