// Graphs with channels first, made at random: fast kernels, which have them channels last, give the reference kernels' bytes.
#include <algorithm>
#include <cstring>
#include <random>

#include "runtime/graphs.hpp"
#include "runtime/passes/pass.hpp"
#include "support/catch.hpp"

namespace qgraph::test {
namespace {

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  std::int64_t in(std::int64_t low, std::int64_t high) { return std::uniform_int_distribution<std::int64_t>(low, high)(engine_); }
  bool one_in(std::int64_t n) { return in(1, n) == 1; }
  Buffer bytes(std::int64_t count) {
    std::vector<std::byte> data(static_cast<std::size_t>(count));
    for (std::byte& b : data) b = static_cast<std::byte>(in(0, 255));
    return Buffer::own(std::move(data));
  }

 private:
  std::mt19937 engine_;
};

/// Values of one dtype, channels first, each made of earlier ones.
class NchwGraph {
 public:
  NchwGraph(unsigned seed, DType storage) : random_(seed), storage_(storage) {
    const Shape shape{random_.in(1, 2), random_.in(1, 6), random_.in(5, 9), random_.in(5, 9)};
    values_.push_back(builder_.input("x", TensorType(quantized(), shape)));
  }

  Graph make(int nodes) {
    for (int i = 0; i < nodes; ++i) add();
    std::vector<Value> outputs{values_.back(),
                               values_[static_cast<std::size_t>(random_.in(0, static_cast<std::int64_t>(values_.size()) - 1))]};
    return finished(builder_, outputs);
  }

 private:
  Quantized quantized() {
    const bool is_signed = storage_ == DType::int8;
    return {storage_, static_cast<float>(random_.in(1, 99)) / 100.0F, is_signed ? random_.in(-128, 127) : random_.in(0, 255)};
  }
  TensorType open() { return {quantized(), Shape::unknown_rank()}; }
  static TensorType like(Value x) { return {x.type().element, Shape::unknown_rank()}; }
  const Value& any() { return values_[static_cast<std::size_t>(random_.in(0, static_cast<std::int64_t>(values_.size()) - 1))]; }

  void add() {
    const Value x = random_.one_in(2) ? values_.back() : any();
    const Shape shape = x.type().shape;
    Value y;
    switch (random_.in(0, 9)) {
      case 0: y = same_shape(x, "add"); break;
      case 1: y = same_shape(x, "mul"); break;
      case 2: y = channel_constant(x); break;
      case 3:
        if (shape[2] >= 2 && shape[3] >= 2)
          y = builder_.add("max_pool_2d", {x},
                           {{"filter_height", std::int64_t{2}},
                            {"filter_width", std::int64_t{2}},
                            {"stride_h", random_.in(1, 2)},
                            {"layout", std::string("nchw")}},
                           {like(x)});
        break;
      case 4: {
        const Value plain = builder_.add("reinterpret", {x}, {{"plain", std::int64_t{1}}});
        y = builder_.add("reinterpret", {plain}, {},
                         {TensorType(random_.one_in(2) ? x.type().element : ElementType(quantized()), Shape::unknown_rank())});
        break;
      }
      case 5:
        if (shape[1] < 24)
          y = builder_.add("concatenation", {x, x}, {{"axis", random_.one_in(2) ? std::int64_t{1} : std::int64_t{-3}}},
                           {like(x)});
        break;
      default: y = convolution(x);
    }
    if (y) values_.push_back(y);
  }

  Value same_shape(Value x, std::string_view op) {
    std::vector<Value> fitting;
    for (const Value& v : values_)
      if (v.type().shape == x.type().shape) fitting.push_back(v);
    const Value other = fitting[static_cast<std::size_t>(random_.in(0, static_cast<std::int64_t>(fitting.size()) - 1))];
    return builder_.add(op, {x, other}, {{"rounding", std::string("nearest_even")}}, {open()});
  }

  Value channel_constant(Value x) {
    const Shape s = x.type().shape;
    const Shape shapes[] = {Shape{}, Shape{s[1], 1, 1}, Shape{1, s[1], s[2], s[3]}, Shape{s[3]}};
    const Shape& shape = shapes[random_.in(0, 3)];
    const Value c = builder_.constant(TensorType(quantized(), shape), random_.bytes(*shape.elements()));
    return builder_.add("add", random_.one_in(2) ? std::vector{x, c} : std::vector{c, x},
                        {{"rounding", std::string("nearest_even")}}, {open()});
  }

  Value convolution(Value x) {
    const Shape s = x.type().shape;
    const bool depthwise = random_.one_in(2) && s[1] > 1, per_axis = random_.one_in(2);
    const std::int64_t out = depthwise ? s[1] : random_.in(1, 20);
    const Shape shape{out, depthwise ? 1 : s[1], random_.in(1, std::min<std::int64_t>(s[2], 3)),
                      random_.in(1, std::min<std::int64_t>(s[3], 3))};
    Quantization q{.scales = {}, .zero_points = {0}, .axis = per_axis ? 0 : -1};
    for (std::int64_t i = 0; i < (per_axis ? out : 1); ++i) q.scales.push_back(static_cast<float>(random_.in(1, 99)) / 1000.0F);
    const DType weights = random_.one_in(2) ? DType::int8 : DType::uint8;
    q.zero_points[0] = weights == DType::uint8 ? random_.in(0, 255) : per_axis ? 0 : random_.in(-9, 9);
    std::vector<Value> inputs{x, builder_.constant(TensorType(Quantized(weights, q), shape), random_.bytes(*shape.elements()))};
    if (random_.one_in(2)) {
      std::vector<std::int32_t> bias;
      for (std::int64_t i = 0; i < out; ++i) bias.push_back(static_cast<std::int32_t>(random_.in(-3000, 3000)));
      inputs.push_back(builder_.constant<std::int32_t>(DType::int32, Shape{out}, bias));
    }
    return builder_.add("conv_2d", inputs,
                        {{"layout", std::string("nchw")},
                         {"filter_layout", std::string("oihw")},
                         {"rounding", std::string("nearest_even")},
                         {"groups", depthwise ? s[1] : std::int64_t{1}},
                         {"padding", std::string("explicit")},
                         {"pad_top", random_.in(0, 1)},
                         {"pad_left", random_.in(0, 1)},
                         {"pad_bottom", random_.in(0, 1)},
                         {"pad_right", random_.in(0, 1)},
                         {"stride_h", random_.in(1, 2)}},
                        {open()});
  }

  Random random_;
  DType storage_;
  GraphBuilder builder_;
  std::vector<Value> values_;
};

Model model_of(Graph graph) {
  Model::Data data;
  data.graphs.push_back(std::move(graph));
  return Model(std::move(data));
}

std::ptrdiff_t count(const Graph& graph, std::string_view op) {
  return std::ranges::count_if(graph.nodes(), [&](const Node& n) { return n.op_name() == op; });
}

TEST_CASE("graphs with channels first give the same bytes channels last", "[runtime][passes]") {
  const auto seed = GENERATE(range(0U, 150U));
  const DType storage = seed % 2 == 0 ? DType::uint8 : DType::int8;
  CAPTURE(seed);
  const Model model = model_of(NchwGraph(seed, storage).make(12));
  Session fast(model), reference(model, {.kernels = Kernels::reference});
  const TensorType type = fast.input_type(0);
  const Tensor input(type, Random(seed + 1000).bytes(*type.shape.elements()));
  const auto got = fast.run({input}), expected = reference.run({input});
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CHECK(got[i].type->shape == expected[i].type->shape);
    CHECK(std::ranges::equal(got[i].bytes, expected[i].bytes));
  }
}

TEST_CASE("a chain is turned at its ends alone", "[runtime][passes]") {
  GraphBuilder g;
  const Quantized q(DType::uint8, 0.5F, 3);
  Value x = g.input("x", TensorType(q, Shape{1, 4, 6, 6}));
  const Value weights = g.constant(TensorType(Quantized(DType::int8, 0.25F, 0), Shape{4, 1, 3, 3}), Random(1).bytes(36));
  for (int i = 0; i < 5; ++i) {
    const Value y = g.add("conv_2d", {x, weights},
                          {{"layout", std::string("nchw")},
                           {"filter_layout", std::string("oihw")},
                           {"groups", std::int64_t{4}},
                           {"padding", std::string("same")},
                           {"rounding", std::string("nearest_even")}},
                          {TensorType(q, Shape::unknown_rank())});
    x = g.add("add", {x, y}, {{"rounding", std::string("nearest_even")}}, {TensorType(q, Shape::unknown_rank())});
  }
  const Model loaded = model_of(finished(g, {x})), passed = runtime::passes::apply(loaded);
  CHECK(count(passed.main(), "transpose") == 2);
  CHECK(count(passed.main(), "depthwise_conv_2d") == 5);
  CHECK(count(passed.main(), "conv_2d") == 0);
  CHECK(passed.main()[passed.main().outputs()[0]].type == loaded.main()[loaded.main().outputs()[0]].type);
}

TEST_CASE("a graph without channels first is left alone", "[runtime][passes]") {
  const Model model = chain_model(3);
  CHECK(&runtime::passes::apply(model).data() == &model.data());
}

}  // namespace
}  // namespace qgraph::test
