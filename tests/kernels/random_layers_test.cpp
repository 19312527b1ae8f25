// How the random layers are made.
#include "kernels/random_layers.hpp"

#include <cmath>
#include <cstdlib>

namespace qgraph::test {
namespace {

Value constant(GraphBuilder& g, const Tensor& tensor) { return g.constant(tensor.type, tensor.data); }

Model one_node(GraphBuilder& g, std::string_view op, std::vector<Value> inputs, Attributes attributes, TensorType declared) {
  g.set_outputs({g.add(op, std::move(inputs), std::move(attributes), {std::move(declared)})});
  return Model({.graphs = {g.finish().value()}});
}

/// Per tensor, or a scale for each of `channels` along `axis`. Wide zero points are those of legacy uint8 weights.
TensorType random_weights(Random& random, DType storage, Shape shape, int axis, float least, float most) {
  Quantization q{.axis = axis};
  const std::int64_t channels = shape[static_cast<std::size_t>(axis)];
  const bool per_channel = storage == DType::int8 && random.one_in(2);
  for (std::int64_t c = 0; c < (per_channel ? channels : 1); ++c)
    q.scales.push_back(random.one_in(40) ? 1e-20F
                                         : random.scale(static_cast<int>(std::log2(least)), static_cast<int>(std::log2(most))));
  if (storage == DType::uint8) q.zero_points = {random.one_of<std::int64_t>({0, 255, 128, random.in(0, 255)})};
  return {Quantized(storage, std::move(q)), std::move(shape)};
}

Tensor random_bias(Random& random, std::int64_t channels, const TensorType& input, const TensorType& weights) {
  Quantization q{.axis = 0};
  for (float s : weights.quantization()->scales) q.scales.push_back(s * input.scale());
  std::vector<std::int32_t> values;
  const std::int64_t most = random.one_of<std::int64_t>({0, 100, 10000, std::int64_t{1} << 30, 2147483647});
  for (std::int64_t c = 0; c < channels; ++c) values.push_back(static_cast<std::int32_t>(random.in(-most, most)));
  return {TensorType{Quantized(DType::int32, std::move(q)), Shape{channels}}, Buffer::of(std::span<const std::int32_t>(values))};
}

std::string word_of(Random& random, std::initializer_list<const char*> words) { return random.one_of(words); }

std::string describe(std::string op, const TensorType& input, const TensorType& weights, const Attributes& attributes) {
  op += " " + input.to_string() + " with " + weights.to_string();
  for (const auto& [name, value] : attributes) {
    op += " " + name + "=";
    if (const auto* number = std::get_if<std::int64_t>(&value)) op += std::to_string(*number);
    if (const auto* text = std::get_if<std::string>(&value)) op += *text;
  }
  return op;
}

Case layer(Random& random, std::string op, DType stored, Shape input_shape, Shape weights_shape, int axis, std::int64_t channels,
           Attributes attributes) {
  const DType weights_stored = stored == DType::uint8 ? DType::uint8 : DType::int8;
  const TensorType input{Quantized(stored, random.scale(-10, 2), random.zero_point(stored)), std::move(input_shape)};
  const TensorType weights = random_weights(random, weights_stored, std::move(weights_shape), axis, 0.0001F, 1.0F);
  // Results that saturate, and results that vanish, too.
  const float reach = random.scale(-14, 6) * weights.quantization()->scales[0] * input.scale();
  const float output_scale = std::max(reach * 4096, 1e-30F);
  const TensorType output{Quantized(stored, output_scale, random.zero_point(stored)), Shape{}};
  GraphBuilder g;
  std::vector<Value> operands{g.input("x", input), constant(g, random.any(weights))};
  if (!random.one_in(4)) operands.push_back(constant(g, random_bias(random, channels, input, weights)));
  TensorType declared = output;
  declared.shape = Shape::unknown_rank();
  Case c{.text = describe(op, input, weights, attributes) + " to " + output.to_string()};
  c.model = one_node(g, op, operands, attributes, declared);
  c.inputs = {random.any(input)};
  return c;
}

Attributes window(Random& random, std::int64_t size) {
  Attributes a;
  a.set("stride_h", random.in(1, 3));
  a.set("stride_w", random.in(1, 3));
  if (random.one_in(3)) a.set("dilation_h", random.in(1, 3));
  if (random.one_in(3)) a.set("dilation_w", random.in(1, 3));
  a.set("padding", size < 13 ? std::string("same") : word_of(random, {"same", "valid"}));  // a window reaches over 13 at most
  a.set("activation", word_of(random, {"none", "relu", "relu6", "relu_n1_to_1"}));
  a.set("rounding", word_of(random, {"double_rounding", "double_rounding", "double_product", "nearest_even"}));
  return a;
}

}  // namespace

float Random::scale(int low, int high) {
  const double exponent = std::uniform_real_distribution<double>(low, high)(engine_);
  return static_cast<float>(std::exp2(one_in(5) ? std::round(exponent) : exponent));
}

Tensor Random::any(const TensorType& type) {
  std::vector<std::byte> bytes(*type.bytes());
  const bool extreme = one_in(5);
  for (std::byte& b : bytes) b = static_cast<std::byte>(extreme ? one_of<std::int64_t>({0, 127, 128, 255}) : in(0, 255));
  return {type, Buffer::of(std::span<const std::byte>(bytes))};
}

Case random_convolution(Random& r) {
  const std::int64_t h = r.in(1, 16), w = r.in(1, 16), groups = r.one_in(5) ? r.in(2, 3) : 1, in = r.in(1, 40),
                     out = groups * r.in(1, 70);
  const bool pointwise = r.one_in(3);
  Attributes a = window(r, std::min(h, w));
  return layer(r, "conv_2d", r.byte(), Shape{r.in(1, 2), h, w, groups * in},
               Shape{out, pointwise ? 1 : r.in(1, 4), pointwise ? 1 : r.in(1, 4), in}, 0, out, std::move(a));
}

Case random_depthwise(Random& r) {
  const std::int64_t h = r.in(1, 20), w = r.in(1, 20),
                     channels = r.one_of<std::int64_t>({1, 3, 8, 16, 24, 32, 40, 48, 64, 96, 100, 144, r.in(1, 200)});
  Attributes a = window(r, std::min(h, w));
  if (r.one_in(4)) {  // several channels of each
    const std::int64_t in = r.one_of<std::int64_t>({1, 1, 2, 3, 8, 20}), multiplier = r.in(2, 9);
    return layer(r, "depthwise_conv_2d", r.byte(), Shape{r.in(1, 2), h, w, in}, Shape{1, r.in(1, 5), r.in(1, 5), in * multiplier},
                 3, in * multiplier, std::move(a));
  }
  return layer(r, "depthwise_conv_2d", r.byte(), Shape{r.in(1, 2), h, w, channels}, Shape{1, r.in(1, 5), r.in(1, 5), channels}, 3,
               channels, std::move(a));
}

Case random_fully_connected(Random& r) {
  const std::int64_t depth = r.in(1, 300), units = r.in(1, 200);
  Attributes a;
  a.set("activation", word_of(r, {"none", "relu", "relu6"}));
  a.set("rounding", word_of(r, {"double_rounding", "double_product", "double_product", "nearest_even"}));
  return layer(r, "fully_connected", r.byte(), Shape{r.in(1, 20), depth}, Shape{units, depth}, 0, units, std::move(a));
}

Case random_binary(Random& r) {
  const std::string op = word_of(r, {"add", "sub", "mul"});
  const DType stored = r.byte();
  const auto shape = [&](std::int64_t n, std::int64_t h, std::int64_t c) { return Shape{n, h, c}; };
  const std::int64_t n = r.in(1, 3), h = r.in(1, 40), c = r.in(1, 70);
  const auto some = [&](std::int64_t size) { return r.one_in(4) ? std::int64_t{1} : size; };
  const TensorType x{Quantized(stored, r.scale(-8, 2), r.zero_point(stored)),
                     r.one_in(2) ? shape(n, h, c) : shape(some(n), some(h), some(c))};
  const TensorType y{Quantized(stored, r.one_in(4) ? x.scale() : r.scale(-8, 2), r.zero_point(stored)),
                     shape(n, h, r.one_in(3) ? some(c) : c)};
  const float reach = op == "mul" ? x.scale() * y.scale() * 100 : std::max(x.scale(), y.scale());
  const TensorType out{Quantized(stored, reach * r.scale(-3, 3), r.zero_point(stored)), Shape::unknown_rank()};
  Attributes a;
  a.set("activation", word_of(r, {"none", "relu", "relu6"}));
  GraphBuilder g;
  Case made{.text = describe(op, x, y, a) + " to " + out.to_string()};
  const bool known = r.one_in(4);
  const Tensor second = r.any(y);
  const Value first = g.input("x", x);
  made.model = one_node(g, op, {first, known ? constant(g, second) : g.input("y", y)}, a, out);
  made.inputs = {r.any(x)};
  if (!known) made.inputs.push_back(second);
  return made;
}

Case random_unary(Random& r) {
  const std::string op =
      word_of(r, {"quantize", "dequantize", "logistic", "tanh", "hard_swish", "leaky_relu", "relu", "relu6", "elu"});
  const DType stored = r.byte();
  const TensorType x{Quantized(stored, r.scale(-8, 0), r.zero_point(stored)), Shape{r.in(500, 3000)}};
  const bool squashes = op == "logistic" || op == "tanh";
  const float scale = op == "logistic" ? 1.0F / 256 : op == "tanh" ? 1.0F / 128 : r.scale(-8, 0);
  const std::int64_t zero_point =
      !squashes ? r.zero_point(stored) : (stored == DType::int8 ? 0 : 128) - (op == "logistic" ? 128 : 0);
  const TensorType out = op == "dequantize" ? TensorType{DType::float32, Shape::unknown_rank()}
                                            : TensorType{Quantized(stored, scale, zero_point), Shape::unknown_rank()};
  GraphBuilder g;
  Case made{.text = describe(op, x, out, {})};
  made.model = one_node(g, op, {g.input("x", x)}, {}, out);
  made.inputs = {r.any(x)};
  return made;
}

Case random_quantize(Random& r) {
  const DType stored = r.byte();
  const std::int64_t n = r.in(1, 200);
  const TensorType out{Quantized(stored, r.scale(-8, 2), r.zero_point(stored)), Shape::unknown_rank()};
  std::vector<float> values;
  for (std::int64_t i = 0; i < n; ++i) {
    const float step = static_cast<float>(r.in(-600, 600)) / 2;
    values.push_back(r.one_in(20)  ? r.one_of<float>({INFINITY, -INFINITY, NAN, 1e30F, -1e30F, 0.49999997F * out.scale()})
                     : r.one_in(2) ? step * out.scale()
                                   : std::nextafter(step * out.scale(), r.one_of<float>({-1e9F, 1e9F})));
  }
  Attributes a;
  a.set("rounding", word_of(r, {"half_away", "half_even"}));
  GraphBuilder g;
  const TensorType x{DType::float32, Shape{n}};
  Case made{.text = describe("quantize", x, out, a)};
  made.model = one_node(g, "quantize", {g.input("x", x)}, a, out);
  made.inputs = {Tensor(x, Buffer::of(std::span<const float>(values)))};
  return made;
}

Ran run(const Case& c, Kernels kernels, std::string_view cpu, int threads) {
  const char* kept = std::getenv("QGRAPH_CPU");
  const std::string before = kept ? kept : "";
  if (!cpu.empty()) setenv("QGRAPH_CPU", std::string(cpu).c_str(), 1);
  auto session = Session::create(c.model, {.threads = threads, .kernels = kernels});
  if (!cpu.empty()) setenv("QGRAPH_CPU", before.c_str(), 1);
  if (!session) return {.error = session.error().diagnostics.at(0).headline};
  for (int i = 0; i < 2; ++i) {
    const auto result = session->try_run(c.inputs);
    if (!result) return {.error = result.error().diagnostics.at(0).headline};
    if (i == 0) continue;
    Ran ran{.packed_bytes = session->stats().packed_bytes};
    for (const auto& output : *result) ran.output.insert(ran.output.end(), output.bytes.begin(), output.bytes.end());
    return ran;
  }
  return {};
}

}  // namespace qgraph::test
