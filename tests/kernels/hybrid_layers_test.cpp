// Fast kernels of reals with 8-bit and 4-bit weights, quantized on the fly, give the reference kernels' bits.
#include <cmath>

#include "kernels/check_equal.hpp"
#include "kernels/one_op.hpp"

namespace qgraph::test {
namespace {

/// Now and then all zeros, all alike, of one sign, or with infinities and what is not a number.
Tensor random_reals(Random& r, Shape shape) {
  std::vector<float> values(static_cast<std::size_t>(*shape.elements()));
  const int kind = static_cast<int>(r.in(0, 11));
  const float reach = r.scale(-20, 20);
  for (float& v : values) {
    v = static_cast<float>(r.in(-4000, 4000)) / 1000 * reach;
    if (kind == 0) v = 0.0F;
    if (kind == 1) v = reach;
    if (kind == 2) v = std::abs(v);
    if (kind == 3) v = -std::abs(v) - reach;
    if (kind == 4) v = static_cast<float>(r.in(-254, 254)) / 2;  // ties
    if (kind == 5 && r.one_in(20)) v = r.one_of({INFINITY, -INFINITY, NAN, 3e38F, -3e38F});
    if (kind == 6 && r.one_in(20)) v = NAN;
    if (kind == 7) v *= 1e-42F;
  }
  return {DType::float32, std::move(shape), std::span<const float>(values)};
}

Tensor random_weights(Random& r, DType storage, Shape shape, std::size_t axis, bool zero_points) {
  Quantization q{.axis = static_cast<int>(axis)};
  const std::int64_t channels = r.one_in(2) ? shape[axis] : 1;
  for (std::int64_t c = 0; c < channels; ++c) q.scales.push_back(r.scale(-12, 0));
  if (zero_points)
    for (std::int64_t c = 0; c < channels; ++c) q.zero_points.push_back(storage == DType::uint8 ? r.in(0, 255) : r.in(-8, 7));
  return r.any({Quantized(storage, std::move(q)), std::move(shape)});
}

std::vector<Tensor> with_bias(Random& r, Tensor weights, std::int64_t channels) {
  std::vector<Tensor> known{std::move(weights)};
  if (r.one_in(3)) return known;
  std::vector<float> bias(static_cast<std::size_t>(channels));
  for (float& b : bias) b = static_cast<float>(r.in(-1000, 1000)) * r.scale(-12, 12);
  known.emplace_back(DType::float32, Shape{channels}, std::span<const float>(bias));
  return known;
}

Attributes window(Random& r, std::int64_t size) {
  Attributes a;
  a.set("stride_h", r.in(1, 3));
  a.set("stride_w", r.in(1, 3));
  if (r.one_in(3)) a.set("dilation_h", r.in(1, 3));
  if (r.one_in(3)) a.set("dilation_w", r.in(1, 3));
  a.set("padding", std::string(size < 13 || r.one_in(2) ? "same" : "valid"));
  a.set("activation", std::string(r.one_of({"none", "relu", "relu6", "relu_n1_to_1"})));
  a.set("dynamic_range", true);
  return a;
}
const TensorType real = {DType::float32, Shape::unknown_rank()};

Case random_convolution(Random& r) {
  const std::int64_t h = r.in(1, 16), w = r.in(1, 16), groups = r.one_in(5) ? r.in(2, 3) : 1, in = r.in(1, 40),
                     out = groups * r.in(1, 70), filter = r.one_in(3) ? 1 : r.in(1, 4);
  Attributes a = window(r, std::min(h, w));
  a.set("asymmetric_inputs", r.one_in(2));
  const DType storage = r.one_of({DType::int8, DType::int8, DType::uint8, DType::int4});
  Tensor weights = random_weights(r, storage, Shape{out, filter, filter, in}, 0, storage == DType::uint8 && r.one_in(2));
  return one_op("conv_2d", with_bias(r, std::move(weights), out), {random_reals(r, Shape{r.in(1, 3), h, w, groups * in})},
                std::move(a), real);
}

Case random_depthwise(Random& r) {
  const std::int64_t h = r.in(1, 20), w = r.in(1, 20),
                     channels = r.one_of<std::int64_t>({1, 3, 8, 16, 24, 32, 40, 64, 96, 100, r.in(1, 200)});
  Attributes a = window(r, std::min(h, w));
  const DType storage = r.one_of({DType::int8, DType::int8, DType::uint8, DType::int4});
  Tensor weights =
      random_weights(r, storage, Shape{1, r.in(1, 5), r.in(1, 5), channels}, 3, storage == DType::uint8 && r.one_in(2));
  return one_op("depthwise_conv_2d", with_bias(r, std::move(weights), channels),
                {random_reals(r, Shape{r.in(1, 3), h, w, channels})}, std::move(a), real);
}

Case random_fully_connected(Random& r) {
  const std::int64_t rows = r.one_in(3) ? 1 : r.in(1, 40), depth = r.in(1, 300), units = r.in(1, 200);
  Attributes a;
  a.set("activation", std::string(r.one_of({"none", "relu", "relu6"})));
  a.set("dynamic_range", true);
  a.set("asymmetric_inputs", r.one_in(2));
  if (r.one_in(4)) a.set("keep_num_dims", true);
  const DType storage = r.one_of({DType::int8, DType::int8, DType::uint8, DType::int4});
  Tensor weights = random_weights(r, storage, Shape{units, depth}, 0, storage == DType::uint8 && r.one_in(2));
  return one_op("fully_connected", with_bias(r, std::move(weights), units), {random_reals(r, Shape{rows, depth})}, std::move(a),
                real);
}

Case random_blockwise(Random& r) {
  const std::int64_t rows = r.one_in(3) ? 1 : r.in(1, 40), block = r.one_of<std::int64_t>({1, 3, 32, 64, r.in(1, 50)}),
                     depth = r.in(1, 200), units = r.in(1, 150), blocks = (depth + block - 1) / block;
  Attributes a;
  a.set("activation", std::string(r.one_of({"none", "relu", "relu6"})));
  a.set("dynamic_range", true);
  Quantization q{.axis = 1, .block_size = block};
  for (std::int64_t i = 0; i < units * blocks; ++i) q.scales.push_back(r.scale(-12, 0));
  if (r.one_in(2))
    for (std::int64_t i = 0; i < units * blocks; ++i) q.zero_points.push_back(r.in(-8, 7));
  Tensor weights = r.any({Quantized(DType::int4, std::move(q)), Shape{units, depth}});
  return one_op("fully_connected", with_bias(r, std::move(weights), units), {random_reals(r, Shape{rows, depth})}, std::move(a),
                real);
}

TEST_CASE("fast layers of weights with scales for blocks are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_blockwise, 300, 44000);
  CHECK(tally.ran == 300);
  CHECK(tally.differing_plans > 250);
}

Case random_constant_matmul(Random& r) {
  const std::int64_t rows = r.one_in(3) ? 1 : r.in(1, 40), depth = r.in(1, 300), columns = r.in(1, 150), batch = r.in(1, 3);
  Attributes a;
  const bool adj_y = r.one_in(2), wide = r.one_in(2);
  a.set("adj_y", adj_y);
  const Shape x_shape{batch, rows, depth}, y_shape = adj_y ? Shape{columns, depth} : Shape{depth, columns};
  Tensor weights = random_weights(r, r.one_of({DType::int8, DType::int4}), y_shape, adj_y ? 0 : 1, false);
  if (!wide) {
    a.set("dynamic_range", true);
    a.set("asymmetric_inputs", r.one_in(2));
    return one_op("batch_matmul", {std::move(weights)}, {random_reals(r, x_shape)}, std::move(a), real);
  }
  const TensorType x{Quantized(DType::int16, r.scale(-16, -8), 0), x_shape};
  const float reach = x.scale() * weights.type.quantization()->scales[0];
  const TensorType y{Quantized(DType::int16, reach * r.scale(-4, 20), 0), Shape::unknown_rank()};
  a.set("rounding", std::string(r.one_of({"double_rounding", "double_product"})));
  return one_op("batch_matmul", {std::move(weights)}, {r.any(x)}, std::move(a), y);
}

TEST_CASE("fast products with a constant matrix are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_constant_matmul, 300, 45000);
  CHECK(tally.ran == 300);
  CHECK(tally.differing_plans > 250);
}

TEST_CASE("fast dynamic range convolutions are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_convolution, 300, 41000);
  CHECK(tally.ran == 300);
  CHECK(tally.differing_plans > 250);
}

TEST_CASE("fast dynamic range depthwise convolutions are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_depthwise, 300, 42000);
  CHECK(tally.ran == 300);
  CHECK(tally.differing_plans > 250);
}

TEST_CASE("fast dynamic range fully connected layers are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_fully_connected, 300, 43000);
  CHECK(tally.ran == 300);
  CHECK(tally.differing_plans > 250);
}

}  // namespace
}  // namespace qgraph::test
