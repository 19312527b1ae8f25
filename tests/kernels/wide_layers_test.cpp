// Fast kernels of 16-bit activations with 8-bit weights give the reference kernels' bits.
#include "kernels/check_equal.hpp"
#include "kernels/one_op.hpp"

namespace qgraph::test {
namespace {

Tensor random_weights(Random& r, Shape shape, std::size_t axis) {
  Quantization q{.axis = static_cast<int>(axis)};
  const std::int64_t channels = r.one_in(2) ? shape[axis] : 1;
  for (std::int64_t c = 0; c < channels; ++c) q.scales.push_back(r.scale(-12, 0));
  return r.any({Quantized(r.one_of({DType::int8, DType::int8, DType::int4}), std::move(q)), std::move(shape)});
}

Tensor random_bias(Random& r, std::int64_t channels) {
  const TensorType type{Quantized(r.one_of({DType::int32, DType::int64}), 1.0F, 0), Shape{channels}};
  if (type.storage() == DType::int32) {
    std::vector<std::int32_t> values(static_cast<std::size_t>(channels));
    for (std::int32_t& v : values) v = static_cast<std::int32_t>(r.in(-2147483647, 2147483647));
    return {type, Buffer::of(std::span<const std::int32_t>(values))};
  }
  std::vector<std::int64_t> values(static_cast<std::size_t>(channels));
  const int shift = static_cast<int>(r.in(0, 24));
  for (std::int64_t& v : values) v = r.in(-(std::int64_t{1} << 40), std::int64_t{1} << 40) >> shift;
  return {type, Buffer::of(std::span<const std::int64_t>(values))};
}

Case layer(Random& r, std::string_view op, Shape input, Tensor weights, std::int64_t channels, Attributes a) {
  const TensorType x{Quantized(DType::int16, r.scale(-16, -8), 0), std::move(input)};
  const float reach = x.scale() * weights.type.quantization()->scales[0];
  std::vector<Tensor> known{std::move(weights)};
  if (!r.one_in(3)) known.push_back(random_bias(r, channels));
  const TensorType y{Quantized(DType::int16, reach * r.scale(-4, 20), r.one_in(4) ? r.in(-300, 300) : 0), Shape::unknown_rank()};
  return one_op(op, known, {r.any(x)}, std::move(a), y);
}

Attributes window(Random& r, std::int64_t size) {
  Attributes a;
  a.set("stride_h", r.in(1, 3));
  a.set("stride_w", r.in(1, 3));
  if (r.one_in(3)) a.set("dilation_h", r.in(1, 3));
  if (r.one_in(3)) a.set("dilation_w", r.in(1, 3));
  a.set("padding", std::string(size < 13 || r.one_in(2) ? "same" : "valid"));
  a.set("activation", std::string(r.one_of({"none", "relu", "relu6"})));
  a.set("rounding", std::string(r.one_of({"double_rounding", "double_rounding", "double_product"})));
  return a;
}

Case random_convolution(Random& r) {
  const std::int64_t h = r.in(1, 14), w = r.in(1, 14), groups = r.one_in(5) ? r.in(2, 3) : 1, in = r.in(1, 40),
                     out = groups * r.in(1, 60), filter = r.one_in(3) ? 1 : r.in(1, 4);
  Attributes a = window(r, std::min(h, w));
  a.set("narrow_accumulator", r.one_in(3));
  return layer(r, "conv_2d", Shape{r.in(1, 3), h, w, groups * in}, random_weights(r, Shape{out, filter, filter, in}, 0), out,
               std::move(a));
}

Case random_depthwise(Random& r) {
  const std::int64_t h = r.in(1, 16), w = r.in(1, 16),
                     channels = r.one_of<std::int64_t>({1, 3, 8, 16, 24, 32, 40, 64, 96, 100, r.in(1, 200)});
  Attributes a = window(r, std::min(h, w));
  return layer(r, "depthwise_conv_2d", Shape{r.in(1, 3), h, w, channels},
               random_weights(r, Shape{1, r.in(1, 5), r.in(1, 5), channels}, 3), channels, std::move(a));
}

Case random_fully_connected(Random& r) {
  const std::int64_t rows = r.one_in(3) ? 1 : r.in(1, 40), depth = r.in(1, 600), units = r.in(1, 200);
  Attributes a;
  a.set("activation", std::string(r.one_of({"none", "relu"})));
  a.set("rounding", std::string(r.one_of({"double_rounding", "double_product", "double_product"})));
  return layer(r, "fully_connected", Shape{rows, depth}, random_weights(r, Shape{units, depth}, 0), units, std::move(a));
}

TEST_CASE("fast convolutions of 16-bit activations are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_convolution, 300, 71000);
  CHECK(tally.ran == 300);
  CHECK(tally.differing_plans > 250);
}

TEST_CASE("fast depthwise convolutions of 16-bit activations are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_depthwise, 300, 73000);
  CHECK(tally.ran == 300);
  CHECK(tally.differing_plans > 250);
}

TEST_CASE("fast fully connected layers of 16-bit activations are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_fully_connected, 300, 72000);
  CHECK(tally.ran == 300);
  CHECK(tally.differing_plans > 250);
}

}  // namespace
}  // namespace qgraph::test
