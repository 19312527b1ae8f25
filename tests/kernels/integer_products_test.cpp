// Fast kernels of plain integers, whose zero points are operands, give the reference kernels' bits.
#include <cmath>

#include "kernels/check_equal.hpp"
#include "kernels/one_op.hpp"

namespace qgraph::test {
namespace {

const TensorType integers_out = {DType::int32, Shape::unknown_rank()};

/// Operands 0 and 2 are fed, 1 and 3 are known.
Case product(Random& r, std::string_view op, const Tensor& x, const Tensor& y, const Shape& x_zeros, const Shape& y_zeros,
             Attributes attributes) {
  GraphBuilder g;
  const Tensor x_zero = r.any(TensorType(x.type.storage(), x_zeros)), y_zero = r.any(TensorType(y.type.storage(), y_zeros));
  Case made{.inputs = {x, x_zero}, .text = std::string(op) + " " + x.type.to_string() + " " + y.type.to_string()};
  std::vector<Value> operands{g.input("x", x.type), g.constant(y.type, y.data), g.input("z", x_zero.type)};
  if (!r.one_in(3)) operands.push_back(g.constant(y_zero.type, y_zero.data));
  g.set_outputs({g.add(op, operands, std::move(attributes), {integers_out})});
  made.model = Model({.graphs = {g.finish().value()}});
  return made;
}

Case random_conv_integer(Random& r) {
  const bool depthwise = r.one_in(3);
  const std::int64_t h = r.in(1, 14), w = r.in(1, 14),
                     groups = depthwise     ? r.in(2, 100)
                              : r.one_in(5) ? r.in(2, 3)
                                            : 1,
                     in = depthwise ? 1 : r.in(1, 30), out = groups * (depthwise ? 1 : r.in(1, 50)),
                     filter = r.one_in(3) ? 1 : r.in(1, 4), n = r.in(1, 3);
  Attributes a;
  a.set("stride_h", r.in(1, 3));
  a.set("stride_w", r.in(1, 3));
  if (r.one_in(3)) a.set("dilation_w", r.in(1, 3));
  a.set("padding", std::string("same"));
  const bool first = r.one_in(2);
  if (first) a.set("layout", std::string("nchw"));
  if (first) a.set("filter_layout", std::string("oihw"));
  const TensorType x{r.byte(), first ? Shape{n, groups * in, h, w} : Shape{n, h, w, groups * in}};
  const TensorType y{r.byte(), first ? Shape{out, in, filter, filter} : Shape{out, filter, filter, in}};
  return product(r, "conv_integer", r.any(x), r.any(y), Shape{}, r.one_in(2) ? Shape{} : Shape{out}, std::move(a));
}

Case random_matmul_integer(Random& r) {
  const std::int64_t b = r.in(1, 3), m = r.one_in(3) ? 1 : r.in(1, 40), k = r.in(1, 300), n = r.in(1, 200);
  const TensorType x{r.byte(), r.one_in(2) ? Shape{m, k} : Shape{b, m, k}}, y{r.byte(), Shape{k, n}};
  return product(r, "matmul_integer", r.any(x), r.any(y), r.one_in(2) ? Shape{} : Shape{m}, r.one_in(2) ? Shape{} : Shape{n}, {});
}

Case random_dynamic_quantize(Random& r) {
  std::vector<float> values(static_cast<std::size_t>(r.in(1, 300)));
  const int kind = static_cast<int>(r.in(0, 7));
  const float reach = r.scale(-20, 20);
  for (float& v : values) {
    v = static_cast<float>(r.in(-4000, 4000)) / 1000 * reach;
    if (kind == 0) v = 0.0F;
    if (kind == 1) v = std::abs(v);
    if (kind == 2) v = -std::abs(v) - reach;
    if (kind == 3) v = static_cast<float>(r.in(-255, 255)) / 2;  // ties
    if (kind == 4 && r.one_in(20)) v = r.one_of({3e38F, -3e38F});
  }
  const Tensor x{DType::float32, Shape{static_cast<std::int64_t>(values.size())}, std::span<const float>(values)};
  GraphBuilder g;
  Case made{.inputs = {x}, .text = "dynamic_quantize " + x.type.to_string()};
  const Outputs made_of = g.add("dynamic_quantize", {g.input("x", x.type)});
  g.set_outputs({made_of[0], made_of[1], made_of[2]});
  made.model = Model({.graphs = {g.finish().value()}});
  return made;
}

TEST_CASE("fast convolutions of plain integers are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_conv_integer, 300, 51000);
  CHECK(tally.ran == 300);
  CHECK(tally.differing_plans > 250);
}

TEST_CASE("fast products of plain integers are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_matmul_integer, 300, 52000);
  CHECK(tally.ran == 300);
  CHECK(tally.differing_plans > 250);
}

TEST_CASE("fast quantization to a range of its own is the reference's", "[kernels]") {
  CHECK(check_equal(random_dynamic_quantize, 300, 53000).ran == 300);
}

}  // namespace
}  // namespace qgraph::test
