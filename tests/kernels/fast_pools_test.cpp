// Fast averages over windows, and maxima of floats, give the reference kernels' bits.
#include <limits>

#include "kernels/check_equal.hpp"
#include "kernels/one_op.hpp"

namespace qgraph::test {
namespace {

std::int64_t some_channels(Random& r) {
  return r.one_of<std::int64_t>({1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 65, r.in(1, 200)});
}

Attributes random_windows(Random& r, std::int64_t height, std::int64_t width) {
  Attributes a;
  const bool whole = r.one_in(4);
  a.set("filter_height", whole ? height : r.in(1, std::min<std::int64_t>(height, 5)));
  a.set("filter_width", whole ? width : r.in(1, std::min<std::int64_t>(width, 5)));
  a.set("stride_h", r.in(1, 3));
  a.set("stride_w", r.in(1, 3));
  const bool dilated = r.one_in(6), channels_first = r.one_in(6);
  if (dilated) a.set("dilation_w", r.in(1, 3));
  if (!dilated && !channels_first && r.one_in(3)) {
    a.set("padding", std::string("explicit"));
    for (const char* side : {"pad_top", "pad_left", "pad_bottom", "pad_right"}) a.set(side, r.in(0, 3));
    if (r.one_in(2)) a.set("ceil_mode", true);
    if (r.one_in(2)) a.set("count_include_pad", true);
  } else {
    a.set("padding", std::string(dilated || channels_first || r.one_in(2) ? "same" : "valid"));
  }
  if (channels_first) a.set("layout", std::string("nchw"));
  if (r.one_in(3)) a.set("columns_first", true);
  return a;
}

Case random_average(Random& r) {
  const std::int64_t h = r.in(1, 24), w = r.in(1, 24);
  const TensorType x = quantized(r, r.byte(), Shape{r.in(1, 2), h, w, some_channels(r)});
  Attributes a = random_windows(r, h, w);
  a.set("activation", std::string(r.one_of({"none", "relu", "relu6", "relu_n1_to_1"})));
  return one_op("average_pool_2d", {}, {r.any(x)}, std::move(a), of_any_shape(x));
}

Case random_float_pool(Random& r) {
  const std::int64_t h = r.in(1, 24), w = r.in(1, 24);
  const TensorType x{DType::float32, Shape{r.in(1, 2), h, w, some_channels(r)}};
  std::vector<float> values;
  const bool odd_ones = r.one_in(3);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  for (std::int64_t i = 0; i < *x.shape.elements(); ++i)
    values.push_back(odd_ones && r.one_in(20) ? r.one_of({infinity, -infinity, 0.0F, -0.0F, 3e38F, -3e38F})
                                              : static_cast<float>(r.in(-1 << 20, 1 << 20)) * r.scale(-20, -18));
  Attributes a = random_windows(r, h, w);
  a.set("activation", std::string(r.one_of({"none", "relu", "relu6", "relu_n1_to_1"})));
  return one_op(r.one_of({"average_pool_2d", "max_pool_2d"}), {}, {Tensor(x, Buffer::of(std::span<const float>(values)))},
                std::move(a), of_any_shape(x));
}

/// Between DequantizeLinear and QuantizeLinear: a pass makes one op on bytes of it.
Case random_dequantized_average(Random& r) {
  const std::int64_t h = r.in(1, 24), w = r.in(1, 24);
  const DType stored = r.byte();
  const TensorType x = quantized(r, stored, Shape{r.in(1, 2), h, w, some_channels(r)});
  const Tensor fed = r.any(x);
  const TensorType real{DType::float32, Shape::unknown_rank()}, out = of_any_shape(quantized(r, stored, Shape{}));
  Case made{.inputs = {fed}, .text = "dequantized average of " + x.to_string()};
  GraphBuilder g;
  const Value in = g.add("dequantize", {g.input("x", x)}, {}, {real});
  const Value mean = g.add("average_pool_2d", {in}, random_windows(r, h, w), {real});
  Attributes to_bytes;
  to_bytes.set("rounding", std::string("half_even"));
  g.set_outputs({g.add("quantize", {mean}, std::move(to_bytes), {out})});
  made.model = Model({.graphs = {g.finish().value()}});
  return made;
}

TEST_CASE("fast average pooling of bytes is the reference's", "[kernels]") {
  const Tally tally = check_equal(random_average, 400, 31000);
  CHECK(tally.ran > 350);
  CHECK(tally.differing_plans > 800);
}

TEST_CASE("fast pooling of floats is the reference's", "[kernels]") {
  const Tally tally = check_equal(random_float_pool, 400, 32000);
  CHECK(tally.ran > 350);
  CHECK(tally.differing_plans > 800);
}

TEST_CASE("averages between dequantize and quantize are alike on all instruction sets", "[kernels]") {
  const Tally tally = check_equal(random_dequantized_average, 300, 33000, Kernels::fast);
  CHECK(tally.ran > 250);
  CHECK(tally.differing_plans > 600);
}

}  // namespace
}  // namespace qgraph::test
