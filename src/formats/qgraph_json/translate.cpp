// Ops with weights: quantized ones beside a float input mean what they stand for, here as in the canonical ops.
#include "formats/qgraph_json/translate.hpp"

namespace qgraph::formats::qgraph_json {
namespace {

Result<Outputs> lower_weighted(const SourceNode& n, GraphBuilder& g, std::string_view op, Attributes attributes) {
  const Value x = n.input("input");
  const Value weights = n.input("weights");
  Value bias = n.input("bias");
  if (!x || !weights) return Outputs{};  // the builder knows why
  const bool in_float = is_float(x.type().dtype());
  if (in_float && bias && bias.quantized()) bias = g.add("dequantize", {bias});
  const TensorType declared = n.output_type(0);
  if (!in_float || !declared.quantized()) return g.add(op, {x, weights, bias}, std::move(attributes), {declared});
  const Value y = g.add(op, {x, weights, bias}, std::move(attributes), {TensorType(DType::float32, declared.shape)});
  return g.add("quantize", {y}, {}, {declared});
}

}  // namespace

Result<Outputs> lower_conv_2d(const SourceNode& n, GraphBuilder& g) {
  return lower_weighted(n, g, "conv_2d", conv_attributes(n));
}

Result<Outputs> lower_depthwise_conv_2d(const SourceNode& n, GraphBuilder& g) {
  return lower_weighted(n, g, "depthwise_conv_2d", conv_attributes(n));
}

Result<Outputs> lower_fully_connected(const SourceNode& n, GraphBuilder& g) {
  Attributes attributes;
  if (const std::string word = n.text("activation"); !word.empty()) attributes.set("activation", word);
  return lower_weighted(n, g, "fully_connected", std::move(attributes));
}

Result<Outputs> lower_flatten(const SourceNode& n, GraphBuilder& g) {
  // The first dimension stays: the batch.
  const Value x = n.input(0);
  if (!x) return Outputs{};
  const Shape& shape = x.type().shape;
  std::vector<std::int64_t> to{shape.ranked() && shape.rank() > 0 ? shape[0] : 1, -1};
  if (to[0] < 0) to = {-1, 1};
  if (to[1] == 1)
    for (std::size_t i = 1; i < shape.rank(); ++i) to[1] = shape[i] < 0 ? -1 : to[1] * shape[i];
  if (to[0] < 0 && to[1] < 0)
    return g.fail(n.problem(Cause::shape_mismatch, "only one dimension of what is flattened may be open")), Outputs{};
  return g.add("reshape", {x}, {{"shape", to}}, {n.output_type(0)});
}

}  // namespace qgraph::formats::qgraph_json
