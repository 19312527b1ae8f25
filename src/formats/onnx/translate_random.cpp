// ONNX's random ops: what is drawn is this library's choice, by seeds that make a run repeatable.
#include <bit>

#include "formats/onnx/tensor_types.hpp"
#include "formats/onnx/translate.hpp"
#include "formats/onnx/translate_support.hpp"

namespace qgraph::formats::onnx {
namespace {

const Attributes unclamped{{"finite", std::int64_t{0}}};

/// Without a seed every node has its own.
Attributes seeds(const SourceNode& n) {
  if (!n.attribute("seed")) return {{"seed", n.index() + 1}, {"seed2", std::int64_t{0}}};
  return {{"seed", std::int64_t{std::bit_cast<std::int32_t>(static_cast<float>(n.number("seed")))}}, {"seed2", std::int64_t{1}}};
}

Value drawn(const SourceNode& n, GraphBuilder& g, std::string_view op, Value shape) {
  const Value state = g.state(std::string(n.name()) + "/drawn", TensorType(DType::int64, Shape{1}));
  return g.add(op, {shape, state}, seeds(n));
}

Value shape_of(GraphBuilder& g, Value x) { return g.add("shape", {x}, {{"out_type", std::string("int64")}}); }

DType wanted(const SourceNode& n, const Value& like) {
  if (n.attribute("dtype")) return dtype_of(n.integer("dtype"));
  return like ? like.type().storage() : DType::float32;
}

}  // namespace

/// Of a shape that is an attribute, or of an operand's.
Result<Outputs> lower_random(const SourceNode& n, GraphBuilder& g) {
  const bool like = n.op().ends_with("Like"), normal = n.op().starts_with("RandomNormal");
  const Value x = n.input(0);
  if (like && !x) return refuse(n, Cause::dangling_reference, "'" + std::string(n.op()) + "' needs an operand");
  const DType to = wanted(n, like ? x : Value{});
  if (to == DType::unknown) return refuse(n, Cause::invalid_attribute, "'dtype' names no dtype");
  const Value shape = like ? shape_of(g, x) : constant(g, n.integers("shape"));
  const double low = normal ? n.number("mean") : n.number("low");
  const double scale = normal ? n.number("scale", 1.0) : n.number("high", 1.0) - low;
  const Value unit = drawn(n, g, normal ? "random_standard_normal" : "random_uniform", shape);
  const Value scaled = g.add("mul", {unit, constant(g, DType::float32, scale)}, unclamped);
  return Outputs(cast(g, g.add("add", {scaled, constant(g, DType::float32, low)}, unclamped), to));
}

/// 1 with the probability that the operand says.
Result<Outputs> lower_bernoulli(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0);
  if (!x) return refuse(n, Cause::dangling_reference, "'Bernoulli' needs an operand");
  const Value unit = drawn(n, g, "random_uniform", shape_of(g, x));
  return Outputs(cast(g, g.add("less", {unit, cast(g, x, DType::float32)}), wanted(n, x)));
}

Result<Outputs> lower_multinomial(const SourceNode& n, GraphBuilder& g) {
  const Value x = n.input(0);
  if (!x) return refuse(n, Cause::dangling_reference, "'Multinomial' needs an operand");
  const DType to = n.attribute("dtype") ? dtype_of(n.integer("dtype")) : DType::int32;
  Attributes a = seeds(n);
  a.set("to", std::string(name(to)));
  const Value state = g.state(std::string(n.name()) + "/drawn", TensorType(DType::int64, Shape{1}));
  return g.add("multinomial",
               {cast(g, x, DType::float32), constant(g, DType::int64, static_cast<double>(n.integer("sample_size", 1))), state},
               std::move(a));
}

}  // namespace qgraph::formats::onnx
