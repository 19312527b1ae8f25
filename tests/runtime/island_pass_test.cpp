// Single islands of QDQ graphs, made at random: what passes make of each is as near to the definition, which the reference
// kernels run node by node, as floats are to it.
#include <algorithm>
#include <cstring>
#include <random>

#include "runtime/graphs.hpp"
#include "runtime/passes/pass.hpp"
#include "support/catch.hpp"

namespace qgraph::test {
namespace {

class Maker {
 public:
  explicit Maker(unsigned seed) : engine_(seed) {}

  std::int64_t in(std::int64_t low, std::int64_t high) { return std::uniform_int_distribution<std::int64_t>(low, high)(engine_); }
  bool one_in(std::int64_t n) { return in(1, n) == 1; }
  float scale() { return static_cast<float>(in(1, 9999)) * 1e-4F; }
  Buffer bytes(std::int64_t count) {
    std::vector<std::byte> data(static_cast<std::size_t>(count));
    for (std::byte& b : data) b = static_cast<std::byte>(in(0, 255));
    return Buffer::own(std::move(data));
  }
  Quantized quantized(float scale) { return {storage, scale, storage == DType::int8 ? in(-128, 127) : in(0, 255)}; }

  /// An operand as QDQ graphs have it.
  Value operand(const Shape& shape) { return g.add("dequantize", {g.input("x", TensorType(quantized(scale()), shape))}); }
  Value constant_operand(const Shape& shape) {
    return g.add("dequantize", {g.constant(TensorType(quantized(scale()), shape), bytes(*shape.elements()))});
  }
  Value number(float x) { return g.constant<float>(DType::float32, Shape{}, std::span(&x, 1)); }
  Value quantize(Value real, float scale) {
    return g.add("quantize", {real}, {{"rounding", std::string("half_even")}, {"storage", std::string(name(storage))}},
                 {TensorType(quantized(scale), Shape::unknown_rank())});
  }
  /// Weights as translations leave them beside a float operand.
  Value weights(const Shape& shape, int axis) {
    const DType type = one_in(2) ? DType::int8 : DType::uint8;
    Quantization q{.scales = {},
                   .zero_points = {type == DType::uint8 ? in(0, 255)
                                   : one_in(2)          ? 0
                                                        : in(-20, 20)},
                   .axis = one_in(2) ? axis : -1};
    for (std::int64_t i = 0; i < (q.axis < 0 ? 1 : shape[static_cast<std::size_t>(axis)]); ++i)
      q.scales.push_back(scale() * 0.1F);
    return g.constant(TensorType(Quantized(type, q), shape), bytes(*shape.elements()));
  }
  /// int32 of the scale that products have; or floats.
  Value bias(Value weights, std::int64_t n) {
    if (one_in(2)) {
      std::vector<float> reals;
      for (std::int64_t i = 0; i < n; ++i) reals.push_back(g.scales.front() * static_cast<float>(in(-900, 900)) / 7.0F);
      return g.constant<float>(DType::float32, Shape{n}, reals);
    }
    const float scale_in = g.scales.front();
    Quantization q{.scales = {}, .zero_points = {0}, .axis = 0};
    const Quantization& w = *weights.type().quantization();
    for (float s : w.scales) q.scales.push_back(s * scale_in);
    if (q.scales.size() == 1) q.axis = -1;
    std::vector<std::int32_t> values;
    for (std::int64_t i = 0; i < n; ++i) values.push_back(static_cast<std::int32_t>(in(-20000, 20000)));
    return g.constant(TensorType(Quantized(DType::int32, q), Shape{n}), Buffer::of(std::span<const std::int32_t>(values)));
  }

  /// Remembers the scales of inputs.
  struct Builder : GraphBuilder {
    std::vector<float> scales{};
    Value input(std::string name, TensorType type) {
      scales.push_back(type.scale());
      return GraphBuilder::input(std::move(name), std::move(type));
    }
  };
  Builder g;
  DType storage = DType::uint8;

 private:
  std::mt19937 engine_;
};

Value clamped(Maker& m, Value x) {
  switch (m.in(0, 3)) {
    case 0: return m.g.add("relu", {x});
    case 1: return m.g.add("minimum", {m.g.add("maximum", {x, m.number(0)}), m.number(6)});
    default: return x;
  }
}

Value convolution(Maker& m) {
  const std::int64_t channels = m.in(1, 12);
  const bool depthwise = m.one_in(2) && channels > 1;
  const Value x = m.operand(Shape{1, channels, 7, 9});
  const std::int64_t out = depthwise ? channels : m.in(1, 20);
  const Value w = m.weights(Shape{out, depthwise ? 1 : channels, m.in(1, 3), m.in(1, 3)}, 0);
  std::vector<Value> inputs{x, w};
  if (m.one_in(2)) inputs.push_back(m.bias(w, out));
  return clamped(m, m.g.add("conv_2d", inputs,
                            {{"layout", std::string("nchw")},
                             {"filter_layout", std::string("oihw")},
                             {"groups", depthwise ? channels : std::int64_t{1}},
                             {"padding", std::string("same")},
                             {"summation", std::string("blocked")}}));
}
Value layer(Maker& m) {
  const std::int64_t depth = m.in(1, 70), units = m.in(1, 40);
  const Value x = m.operand(Shape{m.in(1, 5), depth});
  const bool rows = m.one_in(2);
  const Value w = m.weights(rows ? Shape{units, depth} : Shape{depth, units}, rows ? 0 : 1);
  std::vector<Value> inputs{x, w};
  if (m.one_in(2)) inputs.push_back(m.bias(w, units));
  return clamped(m, m.g.add("fully_connected", inputs,
                            {{"weights_layout", std::string(rows ? "oi" : "io")}, {"keep_num_dims", std::int64_t{1}}}));
}
Value product(Maker& m) {
  const Value x = m.operand(Shape{2, 5, 24});
  return m.g.add("batch_matmul", {x, m.one_in(2) ? m.weights(Shape{24, 17}, 1) : m.operand(Shape{2, 24, 17})});
}
Value binary(Maker& m) {
  const std::string_view ops[] = {"add", "sub", "mul", "maximum", "minimum"};
  const Value x = m.operand(Shape{2, 6, 5, 7});
  const Value y = m.one_in(2) ? m.operand(Shape{2, 6, 5, 7}) : m.constant_operand(m.one_in(2) ? Shape{6, 1, 1} : Shape{});
  return clamped(m, m.g.add(ops[m.in(0, 4)], m.one_in(2) ? std::vector{x, y} : std::vector{y, x}));
}
Value joined(Maker& m) {
  return m.g.add("concatenation",
                 {m.operand(Shape{2, 3, 4, 5}), m.operand(Shape{2, 6, 4, 5}), m.constant_operand(Shape{2, 2, 4, 5})},
                 {{"axis", std::int64_t{1}}});
}
Value average(Maker& m) {
  const Value x = m.operand(Shape{2, 6, 8, 9});
  if (m.one_in(3))
    return m.g.add("mean", {x, m.g.constant<std::int64_t>(DType::int64, Shape{2}, std::vector<std::int64_t>{2, 3})},
                   {{"keep_dims", m.in(0, 1)}});
  return m.g.add("average_pool_2d", {x},
                 {{"filter_height", m.in(1, 3)},
                  {"filter_width", m.in(1, 3)},
                  {"stride_h", m.in(1, 2)},
                  {"layout", std::string("nchw")},
                  {"padding", std::string("same")},
                  {"count_include_pad", m.in(0, 1)},
                  {"columns_first", m.in(0, 1)}});
}
/// As QLinearGlobalAveragePool is translated.
Value summed(Maker& m) {
  auto& g = m.g;
  const Value stored = g.add("reinterpret", {g.input("x", TensorType(m.quantized(0.1F), Shape{2, m.in(1, 40), 5, 6}))},
                             {{"plain", std::int64_t{1}}});
  const std::int32_t zero = static_cast<std::int32_t>(m.in(0, 100));
  Value sum = g.add("cast", {stored}, {{"to", std::string("int32")}});
  sum = g.add("sub", {sum, g.constant<std::int32_t>(DType::int32, Shape{}, std::span(&zero, 1))});
  sum = g.add("sum", {sum, g.constant<std::int64_t>(DType::int64, Shape{2}, std::vector<std::int64_t>{2, 3})},
              {{"keep_dims", std::int64_t{1}}});
  return g.add("mul", {g.add("cast", {sum}, {{"to", std::string("float32")}}), m.number(m.scale())});
}
Value gated(Maker& m) {
  const Value x = m.operand(Shape{2, 30});
  const Value gate = m.g.add("dequantize", {m.quantize(m.g.add("logistic", {x}), 1.0F / 200)});
  return m.g.add("mul", {x, gate});
}
Value chain(Maker& m) {
  Value x = m.operand(Shape{3, 41});
  const std::string_view ops[] = {"logistic", "tanh", "gelu", "hard_swish", "leaky_relu", "relu", "abs", "neg", "square", "exp"};
  for (std::int64_t i = m.in(1, 3); i > 0; --i) x = m.g.add(ops[m.in(0, 9)], {x});
  if (m.one_in(2)) x = m.g.add("mul", {x, m.g.add("logistic", {x})});
  return m.one_in(2) ? Value(m.g.add("div", {x, m.number(3)})) : x;
}
Value moved(Maker& m) {
  Value x = m.operand(Shape{2, 6, 4, 4});
  if (m.one_in(2)) x = m.g.add("transpose", {x}, {{"perm", std::vector<std::int64_t>{0, 2, 1, 3}}});
  if (m.one_in(2))
    x = m.g.add("max_pool_2d", {x},
                {{"filter_height", std::int64_t{2}}, {"filter_width", std::int64_t{2}}, {"layout", std::string("nchw")}});
  return m.g.add("reshape", {x, m.g.constant<std::int64_t>(DType::int64, Shape{2}, std::vector<std::int64_t>{2, -1})});
}

Model model_of(Graph graph) {
  Model::Data data;
  data.graphs.push_back(std::move(graph));
  return Model(std::move(data));
}

struct Compared {
  std::int64_t elements = 0, differ = 0, furthest = 0;
  bool floats = false;  ///< is any op left that works on floats?
};

Compared compare(Value (*island)(Maker&), unsigned seed) {
  Maker m(seed);
  m.storage = seed % 2 == 0 ? DType::uint8 : DType::int8;
  const Value real = island(m);
  // A scale that the results fit: those of a run before.
  Graph graph = [&] {
    Maker probe(seed);
    probe.storage = m.storage;
    return finished(probe.g, {island(probe)});
  }();
  std::vector<Tensor> inputs;
  for (TensorId t : graph.inputs()) inputs.emplace_back(graph[t].type, m.bytes(*graph[t].type.shape.elements()));
  Session probe(model_of(std::move(graph)), {.kernels = Kernels::reference});
  float most = 0;
  for (float x : probe.run(inputs)[0].values<float>()) most = std::max(most, std::isfinite(x) ? std::abs(x) : 0.0F);
  const Value y = m.quantize(real, most > 0 ? most / static_cast<float>(m.in(90, 200)) : 1.0F);
  const Model model = model_of(finished(m.g, {y}));
  Session fast(model), reference(model, {.kernels = Kernels::reference});
  const TensorView got = fast.run(inputs)[0], expected = reference.run(inputs)[0];
  Compared result{.elements = static_cast<std::int64_t>(expected.bytes.size())};
  REQUIRE(got.bytes.size() == expected.bytes.size());
  REQUIRE(*got.type == *expected.type);
  for (std::size_t i = 0; i < got.bytes.size(); ++i) {
    const auto at = [&](std::byte b) {
      return m.storage == DType::int8 ? std::int64_t{static_cast<std::int8_t>(b)} : std::to_integer<std::int64_t>(b);
    };
    const std::int64_t apart = std::abs(at(got.bytes[i]) - at(expected.bytes[i]));
    result.differ += apart > 0;
    result.furthest = std::max(result.furthest, apart);
  }
  const Model passed = runtime::passes::apply(model);
  result.floats = std::ranges::any_of(passed.main().nodes(), [&](const Node& n) {
    return std::ranges::any_of(n.outputs, [&](TensorId t) { return passed.main()[t].type.dtype() == DType::float32; });
  });
  return result;
}

struct Kind {
  const char* name;
  Value (*island)(Maker&);
  bool exact;
};

TEST_CASE("islands of QDQ graphs become ops on bytes that give what the definition gives", "[runtime][passes]") {
  const auto kind =
      GENERATE(Kind{"convolution", convolution, false}, Kind{"fully connected", layer, false}, Kind{"product", product, false},
               Kind{"binary", binary, true}, Kind{"concatenation", joined, true}, Kind{"average", average, true},
               Kind{"chain", chain, true}, Kind{"gated", gated, true}, Kind{"summed", summed, true}, Kind{"moved", moved, true});
  CAPTURE(kind.name);
  Compared all;
  for (unsigned seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    const Compared one = compare(kind.island, seed);
    CHECK_FALSE(one.floats);
    all.elements += one.elements;
    all.differ += one.differ;
    all.furthest = std::max(all.furthest, one.furthest);
  }
  CAPTURE(all.elements, all.differ);
  CHECK(all.furthest <= (kind.exact ? 0 : 1));
  CHECK(all.differ * 1000 <= all.elements);
}

TEST_CASE("a bias that sums cannot hold is added to them as a float", "[runtime][passes]") {
  Maker m(1);
  const Value x = m.operand(Shape{1, 3, 5, 5}), w = m.weights(Shape{4, 3, 1, 1}, 0);
  const float values[] = {0.1F, 0.2F, 0.3F, 1e20F};
  const Value y = m.g.add("conv_2d", {x, w, m.g.constant<float>(DType::float32, Shape{4}, values)},
                          {{"layout", std::string("nchw")}, {"filter_layout", std::string("oihw")}});
  const Model passed = runtime::passes::apply(model_of(finished(m.g, {m.quantize(y, 0.1F)})));
  const auto convolution = std::ranges::find(passed.main().nodes(), std::string_view("conv_2d"), &Node::op_name);
  REQUIRE(convolution != passed.main().nodes().end());
  CHECK(passed.main()[convolution->outputs[0]].type.dtype() == DType::quint8);
  CHECK(passed.main()[convolution->inputs[2]].type.dtype() == DType::float32);
}

TEST_CASE("a float result that something else reads stays", "[runtime][passes]") {
  Maker m(2);
  const Value sum = m.g.add("add", {m.operand(Shape{8}), m.operand(Shape{8})});
  const Model model = model_of(finished(m.g, {m.quantize(sum, 0.1F), sum}));
  Session fast(model), reference(model, {.kernels = Kernels::reference});
  const Tensor inputs[] = {{model.main()[model.main().inputs()[0]].type, m.bytes(8)},
                           {model.main()[model.main().inputs()[1]].type, m.bytes(8)}};
  const auto got = fast.run(std::span(inputs)), expected = reference.run(std::span(inputs));
  for (std::size_t i = 0; i < 2; ++i) CHECK(std::ranges::equal(got[i].bytes, expected[i].bytes));
}

TEST_CASE("shapes that are refused leave the passes to other shapes", "[runtime][passes]") {
  Maker m(3);
  const Shape open{Shape::dynamic};
  const Value x = m.operand(open), y = m.operand(open);
  const Model model = model_of(finished(m.g, {m.quantize(m.g.add("relu", {m.g.add("add", {x, y})}), 0.1F)}));
  Session session(model, {.profile = true}), reference(model, {.kernels = Kernels::reference});
  const auto inputs = [&](std::int64_t first, std::int64_t second) {
    std::vector<Tensor> made;
    for (const std::int64_t size : {first, second})
      made.emplace_back(TensorType(model.main()[model.main().inputs()[made.size()]].type.element, Shape{size}), m.bytes(size));
    return made;
  };
  const auto passes_ran = [&](std::int64_t size) {
    const std::vector<Tensor> operands = inputs(size, size);
    const auto got = session.run(operands), expected = reference.run(operands);
    CHECK(std::ranges::equal(got[0].bytes, expected[0].bytes));
    return std::ranges::none_of(session.profile(), [](const NodeProfile& n) { return n.op == "dequantize"; });
  };
  CHECK_FALSE(session.try_run(inputs(5, 3)).ok());
  CHECK(passes_ran(40));
  CHECK_FALSE(session.try_run(inputs(6, 4)).ok());
  CHECK(passes_ran(41));
}

}  // namespace
}  // namespace qgraph::test
