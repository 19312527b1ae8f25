// Exponentials, softmax and their relatives over floats give the reference kernels' bits.
#include <bit>
#include <limits>

#include "kernels/check_equal.hpp"
#include "kernels/one_op.hpp"

namespace qgraph::test {
namespace {

/// Floats of one kind: near zero, in the range of a network's values, of any bits (but no NaN with a payload of its own),
/// special.
float random_float(Random& r, int kind) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  switch (kind) {
    case 0: return static_cast<float>(r.in(-1 << 24, 1 << 24)) * r.scale(-30, -22);
    case 1: return static_cast<float>(r.in(-1 << 24, 1 << 24)) * r.scale(-22, -17);
    case 2: {
      const auto x = std::bit_cast<float>(static_cast<std::uint32_t>(r.in(0, 0xFFFFFFFF)));
      return x == x ? x : 1.0F;
    }
    default:
      return r.one_of({0.0F, -0.0F, infinity, -infinity, 88.0F, -87.0F, -104.0F, -103.9F, 0.921875F, -9.0F, 1e-38F, -1e9F});
  }
}

Tensor random_floats(Random& r, const Shape& shape) {
  std::vector<float> values;
  const int most = static_cast<int>(r.in(0, 3));
  for (std::int64_t i = 0; i < *shape.elements(); ++i)
    values.push_back(random_float(r, r.one_in(8) ? static_cast<int>(r.in(0, 3)) : most));
  return {{DType::float32, shape}, Buffer::of(std::span<const float>(values))};
}

Case random_softmax(Random& r) {
  const std::int64_t depth = r.one_of<std::int64_t>({1, 2, 3, 7, 8, 9, 15, 16, 17, 33, 100, r.in(1, 400)});
  const Shape shape = r.one_in(8) ? Shape{2, depth, 3} : Shape{r.in(1, 3), r.in(1, 20), depth};
  std::vector<float> values;
  for (std::int64_t i = 0; i < *shape.elements(); ++i)
    values.push_back(r.one_in(9) ? -std::numeric_limits<float>::infinity() : random_float(r, r.one_in(5) ? 1 : 0) + 0.5F);
  // A row of nothing but minus infinities gives no numbers.
  for (std::int64_t i = 0; i < *shape.elements(); i += depth)
    if (values[static_cast<std::size_t>(i)] < -1e30F) values[static_cast<std::size_t>(i)] = 0.0F;
  Attributes a;
  a.set("axis", std::int64_t{shape[2] == 3 && shape[0] == 2 ? 1 : -1});
  if (r.one_in(2)) a.set("polynomial", true);
  if (r.one_in(3)) a.set("beta", static_cast<double>(r.scale(-3, 2)));
  const TensorType x{DType::float32, shape};
  return one_op("softmax", {}, {Tensor(x, Buffer::of(std::span<const float>(values)))}, std::move(a), of_any_shape(x));
}

Case random_function(Random& r) {
  const Tensor x = random_floats(r, Shape{r.in(1, 3), r.in(1, 3000)});
  Attributes a;
  const std::string_view op = r.one_of<std::string_view>({"logistic", "logistic", "tanh", "erf"});
  if (op != "erf" && (op == "tanh" || r.one_in(2))) a.set("polynomial", true);
  return one_op(op, {}, {x}, std::move(a), of_any_shape(x.type));
}

TEST_CASE("fast softmax of floats is the reference's", "[kernels]") {
  const Tally tally = check_equal(random_softmax, 300, 41000);
  CHECK(tally.ran == 300);
  CHECK(tally.differing_plans > 600);
}

TEST_CASE("fast logistic, tanh and erf of floats are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_function, 400, 42000);
  CHECK(tally.ran == 400);
  CHECK(tally.differing_plans > 1000);
}

}  // namespace
}  // namespace qgraph::test
