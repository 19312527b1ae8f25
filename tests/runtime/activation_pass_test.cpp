// Clamps behind layers of floats: the same bits, signs of zeros and what is not a number included, in one node.
#include <bit>
#include <cmath>
#include <random>

#include "runtime/graphs.hpp"
#include "runtime/passes/pass.hpp"
#include "support/catch.hpp"

namespace qgraph::test {
namespace {

std::vector<float> some_floats(std::mt19937& engine, std::int64_t n) {
  constexpr float rare[] = {NAN, INFINITY, -INFINITY, -0.0F, 0.0F, 6.0F};
  std::vector<float> values(static_cast<std::size_t>(n));
  for (float& x : values)
    x = engine() % 40 == 0 ? rare[engine() % 6] : static_cast<float>(static_cast<int>(engine() % 200) - 100) * 0.03F;
  return values;
}

/// Bits of all results; of what is not a number only that: which operand's bits it bears is the compiler's choice.
std::vector<std::uint32_t> bits_of(const Model& model, const Tensor& input, Kernels kernels) {
  Session session(model, {.kernels = kernels});
  const auto results = session.run({input});
  std::vector<std::uint32_t> all;
  for (const TensorView& view : results)
    for (float x : view.values<float>()) all.push_back(std::bit_cast<std::uint32_t>(std::isnan(x) ? NAN : x));
  return all;
}

TEST_CASE("clamps become activations of what is before them") {
  std::mt19937 engine(11);
  for (int i = 0; i < 120; ++i) {
    GraphBuilder g;
    const Shape shape{1, 5, 6, 7};
    const Value x = g.input("x", TensorType(DType::float32, shape));
    const auto constant = [&](Shape s) {
      const auto values = some_floats(engine, *s.elements());
      return g.constant<float>(DType::float32, s, values);
    };
    Value y;
    switch (i % 4) {
      case 0:
        y = g.add("conv_2d", {x, constant(Shape{9, 1, 1, 7}), constant(Shape{9})}, {{"padding", std::string("same")}});
        break;
      case 1: y = g.add("depthwise_conv_2d", {x, constant(Shape{1, 3, 3, 7})}, {{"padding", std::string("same")}}); break;
      case 2: y = g.add("add", {x, constant(Shape{7})}); break;
      default: y = g.add("mul", {x, constant(shape)});
    }
    const bool read_twice = i % 5 == 0;
    const Value z = g.add(i % 3 == 0 ? "relu6" : "relu", {y});
    std::vector<Value> outputs{z};
    if (read_twice) outputs.push_back(g.add("neg", {y}));
    const Model model = Model({.graphs = {finished(g, outputs)}});
    const Tensor input(DType::float32, shape, std::span<const float>(some_floats(engine, *shape.elements())));
    INFO(i);
    CHECK(runtime::passes::apply(model).main().nodes().size() == (read_twice ? 3U : 1U));
    CHECK(bits_of(model, input, Kernels::fast) == bits_of(model, input, Kernels::reference));
  }
}

TEST_CASE("a reshape lies where its operand does") {
  GraphBuilder g;
  const std::int64_t n = 1 << 12;
  const Value x = g.input("x", TensorType(DType::float32, Shape{n}));
  const std::vector<std::int64_t> dims{2, n / 2};
  const Value shape = g.constant<std::int64_t>(DType::int64, Shape{2}, dims);
  const Value a = g.add("neg", {x}), b = g.add("reshape", {a, shape});
  const Value c = g.add("tanh", {b});
  const Model model = Model({.graphs = {finished(g, {c, g.add("exp", {a})})}});
  std::mt19937 engine(3);
  const Tensor input(DType::float32, Shape{n}, std::span<const float>(some_floats(engine, n)));
  CHECK(bits_of(model, input, Kernels::fast) == bits_of(model, input, Kernels::reference));
  Session session(model, {.profile = true});
  session.run({input});
  std::vector<std::string_view> ran;
  for (const NodeProfile& node : session.profile())
    if (node.calls > 0) ran.push_back(node.op);
  CHECK(ran == std::vector<std::string_view>{"neg", "tanh", "exp"});
}

}  // namespace
}  // namespace qgraph::test
