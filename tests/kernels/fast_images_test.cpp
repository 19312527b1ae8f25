// Fast kernels that choose, pool and resize bytes, and that transform lines, give the reference kernels' bits.
#include "kernels/check_equal.hpp"
#include "kernels/one_op.hpp"

namespace qgraph::test {
namespace {

Case random_extreme(Random& r) {
  const std::int64_t n = r.in(1, 3), h = r.in(1, 40), c = r.in(1, 150);
  const auto some = [&](std::int64_t size) { return r.one_in(4) ? std::int64_t{1} : size; };
  const TensorType x = quantized(r, r.byte(), Shape{n, h, c});
  TensorType y = x;
  y.shape = r.one_in(3) ? x.shape : Shape{some(n), some(h), some(c)};
  const Tensor first = r.any(x), second = r.any(y);
  const std::vector<Tensor> fed = r.one_in(2) ? std::vector<Tensor>{first, second} : std::vector<Tensor>{second, first};
  return one_op(r.one_of({"maximum", "minimum"}), {}, fed, {}, of_any_shape(x));
}

Case random_max_pool(Random& r) {
  const std::int64_t h = r.in(1, 24), w = r.in(1, 24);
  const TensorType x =
      quantized(r, r.byte(), Shape{r.in(1, 2), h, w, r.one_of<std::int64_t>({1, 3, 16, 31, 32, 33, 64, 65, r.in(1, 200)})});
  Attributes a;
  a.set("filter_height", r.in(1, std::min<std::int64_t>(h, 5)));
  a.set("filter_width", r.in(1, std::min<std::int64_t>(w, 5)));
  a.set("stride_h", r.in(1, 3));
  a.set("stride_w", r.in(1, 3));
  // A dilated window, or one over other axes, may reach over the input.
  const bool dilated = r.one_in(4), channels_first = r.one_in(6);
  if (dilated) a.set("dilation_w", r.in(1, 3));
  a.set("padding", std::string(dilated || channels_first || r.one_in(2) ? "same" : "valid"));
  a.set("activation", std::string(r.one_of({"none", "relu", "relu6", "relu_n1_to_1"})));
  if (channels_first) a.set("layout", std::string("nchw"));
  return one_op("max_pool_2d", {}, {r.any(x)}, std::move(a), of_any_shape(x));
}

Case random_arg(Random& r) {
  const std::int64_t depth = r.one_of<std::int64_t>({1, 2, 21, 31, 32, 33, 63, 64, 65, 128, r.in(1, 300)});
  const TensorType x = quantized(r, r.byte(), Shape{r.in(1, 3), r.in(1, 60), depth});
  Attributes a;
  if (r.one_in(2)) a.set("last", true);
  const bool wide = r.one_in(2);
  if (wide) a.set("output_type", std::string("int64"));
  const Tensor axis = integers({r.one_in(8) ? 1 : r.one_in(2) ? 2 : -1});
  return one_op(r.one_of({"arg_max", "arg_min"}), {axis}, {r.any(x)}, std::move(a),
                {wide ? DType::int64 : DType::int32, Shape::unknown_rank()});
}

Case random_resize(Random& r) {
  const std::int64_t depth = r.one_of<std::int64_t>({3, 4, 7, 8, 9, 15, 16, 17, 21, r.in(4, 70)});
  const TensorType x = quantized(r, r.byte(), Shape{r.in(1, 2), r.in(1, 12), r.in(1, 12), depth});
  Attributes a;
  a.set("coordinates", std::string(r.one_of({"asymmetric", "half_pixel", "align_corners"})));
  const auto size = [&] { return static_cast<std::int32_t>(r.one_in(8) ? r.in(1, 1500) : r.in(1, 40)); };
  const std::int32_t height = size(), width = height > 100 ? 3 : size();
  return one_op("resize_bilinear", {integers({height, width})}, {r.any(x)}, std::move(a), of_any_shape(x));
}

Case random_fourier(Random& r) {
  const std::int32_t width = 1 << r.in(0, 11), height = r.one_in(8) ? 4 : 1;
  const TensorType x{DType::float32, Shape{r.in(1, 40), r.in(1, 2), r.one_in(3) ? r.in(1, 2 * width) : width}};
  std::vector<float> values;
  for (std::int64_t i = 0; i < *x.shape.elements(); ++i) values.push_back(static_cast<float>(r.in(-32768, 32767)) / 32768.0F);
  return one_op("rfft_2d", {integers({height, width})}, {Tensor(x, Buffer::of(std::span<const float>(values)))}, {},
                {DType::complex64, Shape::unknown_rank()});
}

TEST_CASE("fast maxima and minima are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_extreme, 300, 11000);
  CHECK(tally.ran == 300);
  CHECK(tally.differing_plans > 300);
}

TEST_CASE("fast max pooling is the reference's", "[kernels]") {
  const Tally tally = check_equal(random_max_pool, 300, 12000);
  CHECK(tally.ran > 250);
  CHECK(tally.differing_plans > 250);
}

TEST_CASE("fast positions of extremes are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_arg, 300, 13000);
  CHECK(tally.ran == 300);
  CHECK(tally.differing_plans > 250);
}

TEST_CASE("fast bilinear resizing is the reference's", "[kernels]") {
  const Tally tally = check_equal(random_resize, 300, 14000);
  CHECK(tally.ran == 300);
  CHECK(tally.differing_plans > 250);
}

TEST_CASE("fast Fourier transforms are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_fourier, 150, 15000);
  CHECK(tally.ran == 150);
  CHECK(tally.differing_plans > 100);
}

}  // namespace
}  // namespace qgraph::test
