// Fast transposed convolutions give the reference kernels' bits.
#include "kernels/check_equal.hpp"
#include "kernels/one_op.hpp"

namespace qgraph::test {
namespace {

Tensor random_bias(Random& r, std::int64_t channels) {
  const TensorType type{Quantized(DType::int32, 1.0F, 0), Shape{channels}};
  std::vector<std::int32_t> values(static_cast<std::size_t>(channels));
  for (std::int32_t& v : values) v = static_cast<std::int32_t>(r.in(-100000, 100000));
  return {type, Buffer::of(std::span<const std::int32_t>(values))};
}

Case random_transpose_convolution(Random& r) {
  const std::int64_t h = r.in(1, 9), w = r.in(1, 9), groups = r.one_in(5) ? r.in(2, 3) : 1, in = r.in(1, 30), out = r.in(1, 50),
                     filter_h = r.in(1, 5), filter_w = r.in(1, 5);
  Attributes a;
  a.set("stride_h", r.in(1, 3));
  a.set("stride_w", r.in(1, 3));
  if (r.one_in(3)) a.set("dilation_h", r.in(1, 3));
  if (r.one_in(3)) a.set("dilation_w", r.in(1, 3));
  a.set("padding", std::string(r.one_of({"same", "valid"})));
  a.set("activation", std::string(r.one_of({"none", "relu", "relu6"})));
  a.set("rounding", std::string(r.one_of({"double_rounding", "double_rounding", "nearest_even"})));
  if (groups > 1) a.set("groups", groups);
  const DType stored = r.byte();
  const TensorType x = quantized(r, stored, Shape{r.in(1, 3), h, w, groups * in});
  Quantization q{.axis = 0};
  const bool per_channel = stored == DType::int8 && groups == 1 && r.one_in(2);
  for (std::int64_t c = 0; c < (per_channel ? out : 1); ++c) q.scales.push_back(r.scale(-12, 0));
  if (stored == DType::uint8) q.zero_points = {r.in(0, 255)};
  const float reach = q.scales[0] * x.scale();
  std::vector<Tensor> known;
  known.push_back(r.any({Quantized(stored, q), Shape{out, filter_h, filter_w, groups * in}}));
  if (r.one_in(2)) known.push_back(random_bias(r, groups * out));
  const TensorType y{Quantized(stored, reach * r.scale(-2, 12), r.zero_point(stored)), Shape::unknown_rank()};
  return one_op("transpose_conv_2d", known, {r.any(x)}, std::move(a), y);
}

TEST_CASE("fast transposed convolutions are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_transpose_convolution, 300, 61000);
  CHECK(tally.ran > 280);
  CHECK(tally.differing_plans > 250);
}

}  // namespace
}  // namespace qgraph::test
