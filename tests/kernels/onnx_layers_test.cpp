// Layers as ONNX has them: float sums in the order of ONNX Runtime, float arithmetic on bytes, results half to even.
#include "kernels/check_equal.hpp"

namespace qgraph::test {
namespace {

Tensor reals(Random& r, const Shape& shape) {
  std::vector<float> values(static_cast<std::size_t>(*shape.elements()));
  for (float& x : values) x = static_cast<float>(r.in(-999, 999)) * 0.013F;
  return {DType::float32, shape, std::span<const float>(values)};
}
Value constant(GraphBuilder& g, Tensor t) { return g.constant(t.type, t.data); }

Case finish(GraphBuilder& g, Value y, std::vector<Tensor> inputs, std::string text) {
  Case made{.model = {}, .inputs = std::move(inputs), .text = std::move(text)};
  g.set_outputs({y});
  if (auto graph = g.finish()) made.model = Model({.graphs = {*std::move(graph)}});
  return made;
}

Case float_convolution(Random& r) {
  const std::int64_t groups = r.one_in(3) ? r.in(2, 9) : 1, in = groups * (r.one_in(2) && groups > 1 ? 1 : r.in(1, 20)),
                     out = groups * r.in(1, 9);
  const Shape image{r.in(1, 2), in, r.in(4, 15), r.in(4, 15)}, filter{out, in / groups, r.in(1, 4), r.in(1, 4)};
  GraphBuilder g;
  std::vector<Value> operands{g.input("x", TensorType(DType::float32, image)), constant(g, reals(r, filter))};
  if (!r.one_in(3)) operands.push_back(constant(g, reals(r, Shape{out})));
  const Value y = g.add("conv_2d", operands,
                        {{"layout", std::string("nchw")},
                         {"filter_layout", std::string("oihw")},
                         {"groups", groups},
                         {"summation", std::string("blocked")},
                         {"padding", std::string("explicit")},
                         {"pad_top", r.in(0, 2)},
                         {"pad_right", r.in(0, 2)},
                         {"stride_h", r.in(1, 2)},
                         {"stride_w", r.in(1, 2)},
                         {"activation", std::string(r.one_in(3) ? "relu6" : "none")}});
  return finish(g, y, {reals(r, image)}, "conv_2d of " + image.to_string() + " with " + filter.to_string());
}

Case float_layer(Random& r) {
  const std::int64_t depth = r.in(1, 600), units = r.in(1, 90);
  const Shape rows{r.one_in(3) ? 1 : r.in(2, 30), depth};
  GraphBuilder g;
  const bool turned = r.one_in(2);
  std::vector<Value> operands{g.input("x", TensorType(DType::float32, rows)),
                              constant(g, reals(r, turned ? Shape{units, depth} : Shape{depth, units}))};
  if (!r.one_in(3)) operands.push_back(constant(g, reals(r, Shape{units})));
  const Value y = g.add("fully_connected", operands,
                        {{"weights_layout", std::string(turned ? "oi" : "io")},
                         {"summation", std::string(r.one_in(2) ? "blocked" : "packed")},
                         {"keep_num_dims", std::int64_t{1}}});
  return finish(g, y, {reals(r, rows)}, "fully_connected of " + rows.to_string() + " to " + std::to_string(units));
}

Case float_product(Random& r) {
  const std::int64_t rows = r.one_in(3) ? 1 : r.in(2, 60), depth = r.in(1, 300), columns = r.in(1, 70);
  const bool adj_x = r.one_in(3), adj_y = r.one_in(2), known = r.one_in(2);
  const Shape x{2, adj_x ? depth : rows, adj_x ? rows : depth},
      y{r.one_in(2) ? 2 : 1, adj_y ? columns : depth, adj_y ? depth : columns};
  GraphBuilder g;
  const Tensor second = reals(r, y);
  const Value product = g.add(
      "batch_matmul", {g.input("x", TensorType(DType::float32, x)), known ? constant(g, second) : g.input("y", second.type)},
      {{"adj_x", std::int64_t{adj_x}},
       {"adj_y", std::int64_t{adj_y}},
       {"summation", std::string(r.one_in(2) ? "blocked" : "packed")}});
  std::vector<Tensor> inputs{reals(r, x)};
  if (!known) inputs.push_back(second);
  return finish(g, product, std::move(inputs), "batch_matmul of " + x.to_string() + " and " + y.to_string());
}

Case real_binary(Random& r) {
  const std::string_view op = r.one_of<std::string_view>({"add", "sub", "mul"});
  const DType stored = r.byte();
  const std::int64_t n = r.in(1, 3), h = r.in(1, 30), c = r.in(1, 70);
  const TensorType x(Quantized(stored, r.scale(-8, 2), r.zero_point(stored)), Shape{n, h, c});
  const TensorType y(Quantized(stored, r.scale(-8, 2), r.zero_point(stored)), r.one_in(2)   ? x.shape
                                                                              : r.one_in(2) ? Shape{c}
                                                                                            : Shape{h, 1});
  const float reach = op == "mul" ? x.scale() * y.scale() * 100 : std::max(x.scale(), y.scale());
  GraphBuilder g;
  const Value first = g.input("x", x), second = g.input("y", y);
  const Value sum = g.add(op, r.one_in(2) ? std::vector{first, second} : std::vector{second, first},
                          {{"rounding", std::string("nearest_even")}},
                          {TensorType(Quantized(stored, reach * r.scale(-3, 3), r.zero_point(stored)), Shape::unknown_rank())});
  return finish(g, sum, {r.any(x), r.any(y)}, std::string(op) + " of " + x.to_string() + " and " + y.to_string());
}

/// A convolution of bytes whose bias is real.
Case real_bias(Random& r) {
  const std::int64_t channels = r.in(1, 70);
  const bool depthwise = r.one_in(2);
  const DType stored = r.byte();
  const TensorType x(Quantized(stored, 0.05F, r.zero_point(stored)), Shape{1, r.in(3, 9), r.in(3, 9), channels});
  const std::int64_t out = depthwise ? channels : r.in(1, 70);
  Quantization q{.scales = {}, .zero_points = {0}, .axis = depthwise ? 3 : 0};
  for (std::int64_t i = 0; i < out; ++i) q.scales.push_back(r.scale(-9, -6));
  const TensorType weights(Quantized(DType::int8, q), depthwise ? Shape{1, 3, 3, channels} : Shape{out, 2, 2, channels});
  GraphBuilder g;
  const Value y = g.add(depthwise ? "depthwise_conv_2d" : "conv_2d",
                        {g.input("x", x), constant(g, r.any(weights)), constant(g, reals(r, Shape{out}))},
                        {{"padding", std::string("same")}, {"rounding", std::string("nearest_even")}},
                        {TensorType(Quantized(stored, r.scale(-4, 0), r.zero_point(stored)), Shape::unknown_rank())});
  return finish(g, y, {r.any(x)}, "conv_2d of " + x.to_string() + " with a float bias");
}

TEST_CASE("fast float convolutions are the reference's", "[kernels]") {
  CHECK(check_equal(float_convolution, 200, 11000).ran > 150);
}
TEST_CASE("fast float layers are the reference's", "[kernels]") { CHECK(check_equal(float_layer, 200, 12000).ran == 200); }
TEST_CASE("fast float products are the reference's", "[kernels]") { CHECK(check_equal(float_product, 200, 15000).ran == 200); }
TEST_CASE("float arithmetic on bytes is the reference's", "[kernels]") { CHECK(check_equal(real_binary, 300, 13000).ran == 300); }
TEST_CASE("a float bias is added as the reference adds it", "[kernels]") { CHECK(check_equal(real_bias, 150, 14000).ran == 150); }

}  // namespace
}  // namespace qgraph::test
