// Fast kernels of floats give the reference kernels' bits: each sum has its order.
#include <cmath>

#include "kernels/check_equal.hpp"
#include "kernels/one_op.hpp"

namespace qgraph::test {
namespace {

/// Of any size, now and then with values that are not finite. Of numbers that are none there is one: which of two a sum keeps is
/// the compiler's choice.
Tensor floats(Random& r, Shape shape, bool strange) {
  const float not_a_number = INFINITY * static_cast<float>(r.in(0, 0));
  std::vector<float> values(static_cast<std::size_t>(*shape.elements()));
  for (float& v : values) {
    v = static_cast<float>(r.in(-1000, 1000)) * r.scale(-12, 0);
    if (strange && r.one_in(50)) v = r.one_of<float>({INFINITY, -INFINITY, not_a_number, -0.0F, 1e38F, 1e-40F});
  }
  return {DType::float32, std::move(shape), std::span<const float>(values)};
}

const TensorType any_floats{DType::float32, Shape::unknown_rank()};

Attributes float_window(Random& r, std::int64_t size) {
  Attributes a;
  a.set("stride_h", r.in(1, 3));
  a.set("stride_w", r.in(1, 3));
  if (r.one_in(3)) a.set("dilation_h", r.in(1, 3));
  if (r.one_in(3)) a.set("dilation_w", r.in(1, 3));
  a.set("padding", std::string(size < 13 || r.one_in(2) ? "same" : "valid"));  // a window reaches over 13 at most
  a.set("activation", std::string(r.one_of({"none", "relu", "relu6", "relu_n1_to_1", "tanh"})));
  return a;
}

std::vector<Tensor> with_bias(Random& r, Tensor weights, std::int64_t channels) {
  std::vector<Tensor> known{std::move(weights)};
  if (!r.one_in(4)) known.push_back(floats(r, Shape{channels}, false));
  return known;
}

Case random_float_convolution(Random& r) {
  const std::int64_t h = r.in(1, 16), w = r.in(1, 16), in = r.in(1, 40), out = r.in(1, 100);
  const bool pointwise = r.one_in(3);
  const Shape filter{out, pointwise ? 1 : r.in(1, 4), pointwise ? 1 : r.in(1, 4), in};
  Attributes a = float_window(r, std::min(h, w));
  return one_op("conv_2d", with_bias(r, floats(r, filter, r.one_in(20)), out),
                {floats(r, Shape{r.in(1, 2), h, w, in}, r.one_in(4))}, std::move(a), any_floats);
}

Case random_float_fully_connected(Random& r) {
  const std::int64_t depth = r.in(1, 300), units = r.in(1, 200);
  Attributes a;
  a.set("activation", std::string(r.one_of({"none", "relu", "relu6"})));
  return one_op("fully_connected", with_bias(r, floats(r, Shape{units, depth}, r.one_in(20)), units),
                {floats(r, Shape{r.in(1, 20), depth}, r.one_in(4))}, std::move(a), any_floats);
}

TEST_CASE("float rows: fast convolutions are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_float_convolution, 250, 31000);
  CHECK(tally.ran == 250);
  CHECK(tally.differing_plans > 150);
}

Case random_float_depthwise(Random& r) {
  const std::int64_t h = r.in(1, 20), w = r.in(1, 20),
                     channels = r.one_of<std::int64_t>({1, 3, 7, 8, 9, 15, 16, 17, 32, 100, r.in(1, 200)});
  const std::int64_t multiplier = r.one_in(8) ? 2 : 1;
  Attributes a = float_window(r, std::min(h, w));
  return one_op(
      "depthwise_conv_2d",
      with_bias(r, floats(r, Shape{1, r.in(1, 5), r.in(1, 5), channels * multiplier}, r.one_in(20)), channels * multiplier),
      {floats(r, Shape{r.in(1, 2), h, w, channels}, r.one_in(4))}, std::move(a), any_floats);
}

TEST_CASE("float rows: fast depthwise convolutions are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_float_depthwise, 250, 33000);
  CHECK(tally.ran == 250);
  CHECK(tally.differing_plans > 150);
}

Case random_float_batch_matmul(Random& r) {
  const std::int64_t m = r.in(1, 40), n = r.in(1, 70), k = r.one_of<std::int64_t>({1, 2, 3, 16, 64, r.in(1, 300)});
  const std::int64_t b = r.in(1, 3), c = r.in(1, 3);
  const auto some = [&](std::int64_t size) { return r.one_in(3) ? std::int64_t{1} : size; };
  Attributes a;
  const bool adj_x = r.one_in(3), adj_y = r.one_in(2), known = r.one_in(3);
  a.set("adj_x", adj_x);
  a.set("adj_y", adj_y);
  const Tensor x = floats(r, adj_x ? Shape{some(b), c, k, m} : Shape{some(b), c, m, k}, r.one_in(4));
  const Tensor y = floats(r, adj_y ? Shape{b, some(c), n, k} : Shape{b, some(c), k, n}, r.one_in(4));
  return one_op("batch_matmul", known ? std::vector<Tensor>{y} : std::vector<Tensor>{},
                known ? std::vector<Tensor>{x} : std::vector<Tensor>{x, y}, std::move(a), any_floats);
}

TEST_CASE("float rows: fast products of matrices are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_float_batch_matmul, 250, 34000);
  CHECK(tally.ran == 250);
  CHECK(tally.differing_plans > 150);
}

TEST_CASE("float rows: fast fully connected layers are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_float_fully_connected, 200, 32000);
  CHECK(tally.ran == 200);
  CHECK(tally.differing_plans > 150);
}

}  // namespace
}  // namespace qgraph::test
