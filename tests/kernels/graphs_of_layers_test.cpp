// Random graphs of layers on bytes, with residuals and several readers: what is laid out otherwise in memory between fast kernels
// (signs flipped, reshapes in place) changes no byte of any output.
#include "kernels/check_equal.hpp"
#include "kernels/random_graph.hpp"

namespace qgraph::test {
namespace {

class Layers final : public RandomGraph {
 public:
  explicit Layers(Random& random) : RandomGraph(random, random.one_in(4) ? DType::uint8 : DType::int8) {
    begin(quantized(random, stored_, Shape{1, random.in(4, 9), random.in(4, 9), random.one_of<std::int64_t>({3, 8, 16, 20})}));
  }

 private:
  TensorType out(float scale) { return of_any_shape({Quantized(stored_, scale, random_.zero_point(stored_)), Shape{}}); }
  Value layer(Value x, std::int64_t taps, bool depthwise) {
    const std::int64_t in = x.type().shape[3], units = depthwise ? in : random_.one_of<std::int64_t>({8, 16, 24, 33, 64});
    const float scale = 0.01F * static_cast<float>(random_.in(5, 15));
    const Shape shape = depthwise ? Shape{1, taps, taps, in} : Shape{units, taps, taps, in};
    const std::int64_t zero = stored_ == DType::uint8 ? random_.in(100, 140) : 0;
    const Tensor weights = random_.any({Quantized(stored_, scale, zero), shape});
    // Results that fill the range.
    const float reach = x.type().scale() * scale * static_cast<float>(64 * taps * (depthwise ? 2 : in));
    return add(depthwise ? "depthwise_conv_2d" : "conv_2d", {x, builder_.constant(weights.type, weights.data)},
               {{"padding", std::string(random_.one_in(2) ? "same" : "valid")},
                {"activation", std::string(random_.one_in(2) ? "relu" : "none")}},
               out(reach / 8));
  }
  Value next() override {
    const Value x = any();
    const Shape shape = x.type().shape;
    const bool wide = shape[1] >= 3 && shape[2] >= 3;
    switch (random_.in(0, 8)) {
      case 0:
      case 1: return layer(x, 1, false);
      case 2: return layer(x, wide ? 3 : 1, false);
      case 3:
      case 4: return layer(x, wide ? 3 : 1, true);
      case 5:
        for (const Value& y : values_)
          if (y.type().shape == shape && y.id() != x.id())
            return add("add", {x, y}, {}, out(x.type().scale() + y.type().scale()));
        return add("add", {x, x}, {}, out(2 * x.type().scale()));
      case 6: return add("mul", {x, x}, {}, out(100 * x.type().scale() * x.type().scale()));
      case 7: {
        const Value flat = add("reshape", {x, shape_operand({1, shape[1] * shape[2], shape[3]})}, {}, of_any_shape(x.type()));
        return add("reshape", {flat, shape_operand({1, shape[1], shape[2], shape[3]})}, {}, of_any_shape(x.type()));
      }
      default:
        return add("logistic", {x}, {},
                   of_any_shape({Quantized(stored_, 1 / 256.0F, stored_ == DType::int8 ? -128 : 0), Shape{}}));
    }
  }
  Value shape_operand(std::initializer_list<std::int64_t> dims) {
    const std::vector<std::int64_t> values(dims);
    return builder_.constant<std::int64_t>(DType::int64, Shape{static_cast<std::int64_t>(values.size())}, values);
  }
};

Case random_layers(Random& random) { return Layers(random).make(2, 9); }

TEST_CASE("graphs of layers: fast kernels are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_layers, 250, 70000);
  CHECK(tally.ran > 200);
  CHECK(tally.differing_plans > 500);
}

}  // namespace
}  // namespace qgraph::test
