// Fast kernels of products of matrices and of squared differences give the reference kernels' bits.
#include "kernels/check_equal.hpp"
#include "kernels/one_op.hpp"

namespace qgraph::test {
namespace {

Case random_squared_difference(Random& r) {
  const DType stored = r.byte();
  const std::int64_t n = r.in(1, 3), h = r.in(1, 40), c = r.in(1, 70);
  const auto some = [&](std::int64_t size) { return r.one_in(4) ? std::int64_t{1} : size; };
  const TensorType x = quantized(r, stored, Shape{n, h, c});
  const TensorType y = quantized(r, stored, r.one_in(3) ? x.shape : Shape{some(n), some(h), some(c)});
  const float reach = std::max(x.scale(), y.scale());
  const TensorType out{Quantized(stored, reach * reach * r.scale(-4, 14), r.zero_point(stored)), Shape::unknown_rank()};
  return one_op("squared_difference", {}, {r.any(x), r.any(y)}, {}, out);
}

Case random_batch_matmul(Random& r) {
  const std::int64_t m = r.one_in(4) ? 1 : r.in(1, 40), n = r.in(1, 70),
                     k = r.one_of<std::int64_t>({1, 2, 3, 4, 16, 64, r.in(1, 300)});
  const std::int64_t b = r.in(1, 3), c = r.in(1, 3);
  const auto some = [&](std::int64_t size) { return r.one_in(3) ? std::int64_t{1} : size; };
  Attributes a;
  const bool adj_x = r.one_in(3), adj_y = r.one_in(2);
  a.set("adj_x", adj_x);
  a.set("adj_y", adj_y);
  a.set("rounding", std::string(r.one_of({"double_rounding", "double_rounding", "double_product", "nearest_even"})));
  const Shape x_shape = adj_x ? Shape{some(b), c, k, m} : Shape{some(b), c, m, k};
  const Shape y_shape = adj_y ? Shape{b, some(c), n, k} : Shape{b, some(c), k, n};
  const TensorType x = quantized(r, r.byte(), x_shape), y = quantized(r, r.byte(), y_shape);
  const TensorType out{Quantized(x.storage(), x.scale() * y.scale() * r.scale(-2, 12), r.zero_point(x.storage())),
                       Shape::unknown_rank()};
  const Tensor left = r.any(x), right = r.any(y);
  const bool known = r.one_in(3);
  return one_op("batch_matmul", known ? std::vector<Tensor>{right} : std::vector<Tensor>{},
                known ? std::vector<Tensor>{left} : std::vector<Tensor>{left, right}, std::move(a), out);
}

Case random_short_rows(Random& r) {
  const std::string op = r.one_of({"add", "sub", "mul", "squared_difference"});
  const DType stored = r.byte();
  const std::int64_t c = r.in(1, 63);
  const TensorType x = quantized(r, stored, Shape{r.in(1, 40), r.in(1, 40), c}), y = quantized(r, stored, Shape{c});
  const bool multiplies = op == "mul" || op == "squared_difference";
  const float reach = multiplies ? x.scale() * y.scale() * 100 : std::max(x.scale(), y.scale());
  const TensorType out{Quantized(stored, reach * r.scale(-3, 3), r.zero_point(stored)), Shape::unknown_rank()};
  const Tensor many = r.any(x), few = r.any(y);
  return one_op(op, {}, r.one_in(3) ? std::vector<Tensor>{few, many} : std::vector<Tensor>{many, few}, {}, out);
}

TEST_CASE("fast sums and products of short rows with one row are the reference's", "[kernels]") {
  CHECK(check_equal(random_short_rows, 300, 23000).ran > 250);
}

TEST_CASE("fast squared differences are the reference's", "[kernels]") {
  CHECK(check_equal(random_squared_difference, 300, 21000).ran > 250);
}

TEST_CASE("fast products of two activations are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_batch_matmul, 300, 22000);
  CHECK(tally.ran == 300);
  CHECK(tally.differing_plans > 250);
}

}  // namespace
}  // namespace qgraph::test
