// Convolutions where TensorFlow Lite has no say: other layouts, ONNX's rounding, zero points everywhere, sums as they are.
#include <algorithm>
#include <cmath>
#include <random>

#include "qgraph/session.hpp"
#include "support/catch.hpp"

namespace qgraph::test {
namespace {

using Ints = std::vector<std::int64_t>;

template <class T>
std::vector<T> random_values(const Shape& shape, int low, int high, unsigned seed) {
  std::mt19937 engine(seed);
  std::vector<T> values(static_cast<std::size_t>(*shape.elements()));
  for (T& v : values) v = static_cast<T>(low + static_cast<int>(engine() % static_cast<unsigned>(high - low + 1)));
  return values;
}

/// Axis k of the result is axis order[k] of the operand.
template <class T>
std::pair<Shape, std::vector<T>> permuted(const Shape& shape, const std::vector<T>& values, const Ints& order) {
  Ints dims, strides(shape.rank(), 1);
  for (std::size_t i = shape.rank(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  for (std::int64_t k : order) dims.push_back(shape[static_cast<std::size_t>(k)]);
  std::vector<T> out(values.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    auto rest = static_cast<std::int64_t>(i);
    std::int64_t from = 0;
    for (std::size_t k = dims.size(); k-- > 0; rest /= dims[k])
      from += rest % dims[k] * strides[static_cast<std::size_t>(order[k])];
    out[i] = values[static_cast<std::size_t>(from)];
  }
  return {Shape(dims), out};
}

struct Operand {
  TensorType type;
  Buffer data;
};
template <class T>
Operand operand(ElementType element, const Shape& shape, const std::vector<T>& values) {
  return {TensorType(std::move(element), shape), Buffer::of(std::span<const T>(values))};
}

/// The output of one op; operand 0 is the input of the graph, the others are constants (or inputs too, `runtime`).
template <class T>
std::pair<Shape, std::vector<T>> run(std::string_view op, const std::vector<Operand>& operands, Attributes attributes,
                                     std::vector<TensorType> declared = {}, bool runtime = false) {
  GraphBuilder g;
  std::vector<Value> values;
  std::vector<Tensor> inputs;
  for (const Operand& o : operands) {
    const bool constant = !values.empty() && !runtime;
    values.push_back(constant ? g.constant(o.type, o.data) : g.input("x" + std::to_string(values.size()), o.type));
    if (!constant) inputs.emplace_back(TensorType(o.type.storage(), o.type.shape), o.data);
  }
  g.set_outputs({g.add(op, values, std::move(attributes), std::move(declared))});
  Result<Graph> graph = g.finish();
  if (!graph) FAIL(graph.error().to_string());
  Result<Session> session = Session::create(Model({.graphs = {*std::move(graph)}}), {.kernels = Kernels::reference});
  if (!session) FAIL(session.error().to_string());
  const auto outputs = session->try_run(inputs);
  if (!outputs) FAIL(outputs.error().to_string());
  const auto view = (*outputs)[0].template values<T>();
  return {(*outputs)[0].type->shape, {view.begin(), view.end()}};
}

const Attributes nhwc{{"stride_h", std::int64_t{2}},
                      {"stride_w", std::int64_t{1}},
                      {"padding", std::string("explicit")},
                      {"pad_top", std::int64_t{1}},
                      {"pad_right", std::int64_t{2}}};
Attributes with(Attributes a, std::initializer_list<Attributes::Entry> more) {
  for (const auto& [name, value] : more) a.set(name, value);
  return a;
}

template <class T>
void check_layouts(const ElementType& x_element, const ElementType& w_element, const std::vector<TensorType>& declared) {
  const Shape x_shape{2, 6, 5, 4}, w_shape{6, 3, 2, 2};
  const auto x = random_values<T>(x_shape, -90, 90, 1), w = random_values<T>(w_shape, -90, 90, 2);
  const auto expected = run<T>("conv_2d", {operand(x_element, x_shape, x), operand(w_element, w_shape, w)}, nhwc, declared);
  REQUIRE(expected.first == Shape{2, 3, 6, 6});
  const auto [x_first, x_values] = permuted(x_shape, x, {0, 3, 1, 2});
  const std::pair<std::string, Ints> filters[] = {
      {"ohwi", {0, 1, 2, 3}}, {"oihw", {0, 3, 1, 2}}, {"hwio", {1, 2, 3, 0}}, {"hwoi", {1, 2, 0, 3}}, {"iohw", {3, 0, 1, 2}}};
  for (const auto& [word, order] : filters)
    for (const bool runtime : {false, true}) {
      CAPTURE(word, runtime);
      const auto [f_shape, f] = permuted(w_shape, w, order);
      const auto got = run<T>("conv_2d", {operand(x_element, x_first, x_values), operand(w_element, f_shape, f)},
                              with(nhwc, {{"layout", std::string("nchw")}, {"filter_layout", word}, {"groups", std::int64_t{2}}}),
                              declared, runtime);
      CHECK(permuted(got.first, got.second, {0, 2, 3, 1}) == expected);
    }
}

TEST_CASE("a convolution is the same in every layout", "[conv]") {
  check_layouts<float>(Plain{DType::float32}, Plain{DType::float32}, {});
  check_layouts<std::int8_t>(Quantized(DType::int8, 0.1F, 5), Quantized(DType::int8, 0.02F, -3),
                             {TensorType(Quantized(DType::int8, 1.5F, 2), Shape::unknown_rank())});
}

TEST_CASE("ONNX rounds half to even, with zero points on every operand", "[conv]") {
  const Shape x_shape{1, 3, 4, 4}, w_shape{2, 3, 1, 1};
  const auto x = random_values<std::uint8_t>(x_shape, 0, 255, 3);
  const auto w = random_values<std::int8_t>(w_shape, -128, 127, 4);
  const Quantization wq{.scales = {0.5F, 0.25F}, .zero_points = {7, -9}, .axis = 0};
  const TensorType y(Quantized(DType::uint8, 64.0F, 130), Shape::unknown_rank());
  const auto got = run<std::uint8_t>(
      "conv_2d", {operand(Quantized(DType::uint8, 0.5F, 200), x_shape, x), operand(Quantized(DType::int8, wq), w_shape, w)},
      {{"layout", std::string("nchw")}, {"filter_layout", std::string("oihw")}, {"rounding", std::string("nearest_even")}}, {y});
  for (std::size_t o = 0; o < 2; ++o)
    for (std::size_t p = 0; p < 16; ++p) {
      int sum = 0;
      for (std::size_t i = 0; i < 3; ++i) sum += (x[i * 16 + p] - 200) * (w[o * 3 + i] - static_cast<int>(wq.zero_points[o]));
      const float real = static_cast<float>(sum) * (0.5F * wq.scales[o] / 64.0F);
      CHECK(int{got.second[o * 16 + p]} == std::clamp(static_cast<int>(std::nearbyint(real)) + 130, 0, 255));
    }
}

TEST_CASE("plain integers make int32 sums", "[conv]") {
  const Shape x_shape{1, 2, 2, 3}, w_shape{2, 1, 1, 3};
  const auto x = random_values<std::int8_t>(x_shape, -128, 127, 5), w = random_values<std::int8_t>(w_shape, -128, 127, 6);
  const auto got =
      run<std::int32_t>("conv_2d", {operand(Plain{DType::int8}, x_shape, x), operand(Plain{DType::int8}, w_shape, w)}, {});
  for (std::size_t p = 0; p < 4; ++p)
    for (std::size_t o = 0; o < 2; ++o) {
      std::int32_t sum = 0;
      for (std::size_t i = 0; i < 3; ++i) sum += x[p * 3 + i] * w[o * 3 + i];
      CHECK(got.second[p * 2 + o] == sum);
    }
}

TEST_CASE("a depthwise convolution is one with a group per channel", "[conv]") {
  const Shape x_shape{2, 5, 6, 3}, w_shape{1, 3, 2, 6};
  const auto x = random_values<std::int8_t>(x_shape, -128, 127, 7), w = random_values<std::int8_t>(w_shape, -128, 127, 8);
  const TensorType y(Quantized(DType::int8, 3.0F, -1), Shape::unknown_rank());
  const ElementType xq = Quantized(DType::int8, 0.1F, 11), wq = Quantized(DType::int8, 0.3F, 4);
  const auto depthwise = run<std::int8_t>("depthwise_conv_2d", {operand(xq, x_shape, x), operand(wq, w_shape, w)}, nhwc, {y});
  const auto [f_shape, f] = permuted(w_shape, w, {3, 1, 2, 0});
  CHECK(run<std::int8_t>("conv_2d", {operand(xq, x_shape, x), operand(wq, f_shape, f)}, nhwc, {y}) == depthwise);
}

TEST_CASE("a transposed convolution spreads groups, dilated, in ONNX's layout", "[conv]") {
  const Shape x_shape{1, 4, 3, 3}, w_shape{4, 3, 2, 2};  // two groups of 2 inputs and 3 outputs
  const auto x = random_values<float>(x_shape, -9, 9, 9), w = random_values<float>(w_shape, -9, 9, 10);
  const auto got =
      run<float>("transpose_conv_2d", {operand(Plain{DType::float32}, x_shape, x), operand(Plain{DType::float32}, w_shape, w)},
                 {{"layout", std::string("nchw")},
                  {"filter_layout", std::string("iohw")},
                  {"groups", std::int64_t{2}},
                  {"stride_h", std::int64_t{2}},
                  {"stride_w", std::int64_t{2}},
                  {"dilation_w", std::int64_t{2}},
                  {"padding", std::string("explicit")},
                  {"pad_top", std::int64_t{1}},
                  {"output_padding_w", std::int64_t{1}}});
  REQUIRE(got.first == Shape{1, 6, 5, 8});
  std::vector<float> expected(6 * 5 * 8, 0.0F);
  for (int i = 0; i < 4; ++i)
    for (int y = 0; y < 3; ++y)
      for (int c = 0; c < 3; ++c)
        for (int o = 0; o < 3; ++o)
          for (int fy = 0; fy < 2; ++fy)
            for (int fx = 0; fx < 2; ++fx) {
              const int oy = 2 * y - 1 + fy, ox = 2 * c + 2 * fx;
              if (oy < 0 || oy >= 5 || ox >= 8) continue;
              expected[static_cast<std::size_t>(((i / 2 * 3 + o) * 5 + oy) * 8 + ox)] +=
                  x[static_cast<std::size_t>((i * 3 + y) * 3 + c)] * w[static_cast<std::size_t>(((i * 3 + o) * 2 + fy) * 2 + fx)];
            }
  CHECK(got.second == expected);
}

TEST_CASE("constraints of convolutions are reported, not met with a crash", "[conv]") {
  const auto refused = [](Shape input, Shape weights, Attributes attributes) {
    GraphBuilder g;
    const Value x = g.input("x", TensorType(DType::float32, std::move(input))),
                w = g.input("w", TensorType(DType::float32, std::move(weights)));
    g.add("conv_2d", {x, w}, std::move(attributes));
    return g.failed();
  };
  CHECK_FALSE(refused({1, 5, 5, 4}, {2, 3, 3, 4}, {}));
  CHECK(refused({1, 5, 5, 4}, {2, 3, 3, 3}, {}));
  CHECK(refused({1, 5, 5}, {2, 3, 3, 4}, {}));
  CHECK(refused({1, 5, 5, 4}, {2, 3, 3, 4}, {{"stride_h", std::int64_t{0}}}));
  CHECK(refused({1, 5, 5, 4}, {2, 3, 3, 0}, {}));
  CHECK(refused({1, 5, 5, 4}, {3, 3, 3, 2}, {}));
  CHECK(refused({1, 5, 5, 4}, {2, 9, 9, 4}, {}));
  CHECK(refused({1, 5, 5, 4}, {2, 3, 3, 4}, {{"groups", std::int64_t{2}}}));
}

}  // namespace
}  // namespace qgraph::test
