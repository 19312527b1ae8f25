// Random graphs of layers on bytes, with residuals and several readers: what is laid out otherwise in memory between fast kernels
// (signs flipped, reshapes in place) changes no byte of any output.
#include "kernels/check_equal.hpp"
#include "kernels/one_op.hpp"

namespace qgraph::test {
namespace {

class Layers {
 public:
  explicit Layers(Random& random) : random_(random), stored_(random.one_in(4) ? DType::uint8 : DType::int8) {
    input_ = quantized(random, stored_, Shape{1, random.in(4, 9), random.in(4, 9), random.one_of<std::int64_t>({3, 8, 16, 20})});
    values_.push_back(builder_.input("x", input_));
  }

  Case make() {
    Case made;
    for (std::int64_t i = random_.in(2, 9); i > 0; --i) values_.push_back(next());
    std::vector<Value> outputs{values_.back()};
    if (random_.one_in(3)) outputs.push_back(values_[static_cast<std::size_t>(random_.in(1, size() - 1))]);
    builder_.set_outputs(outputs);
    made.inputs.push_back(random_.any(input_));
    made.text = input_.to_string() + text_;
    made.model = Model({.graphs = {builder_.finish().value()}});
    return made;
  }

 private:
  std::int64_t size() const { return static_cast<std::int64_t>(values_.size()); }
  Value any() { return values_[static_cast<std::size_t>(random_.one_in(2) ? size() - 1 : random_.in(0, size() - 1))]; }
  TensorType out(float scale) { return of_any_shape({Quantized(stored_, scale, random_.zero_point(stored_)), Shape{}}); }
  Value add(std::string_view op, const std::vector<Value>& operands, Attributes attributes, const TensorType& type) {
    text_ += " " + std::string(op);
    return builder_.add(op, operands, std::move(attributes), {type});
  }
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
  Value next() {
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

  Random& random_;
  DType stored_;
  GraphBuilder builder_{};
  TensorType input_{};
  std::vector<Value> values_{};
  std::string text_{};
};

Case random_layers(Random& random) { return Layers(random).make(); }

TEST_CASE("graphs of layers: fast kernels are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_layers, 250, 70000);
  CHECK(tally.ran > 200);
  CHECK(tally.differing_plans > 500);
}

}  // namespace
}  // namespace qgraph::test
