// Chains of elementwise ops on one operand of bytes: the tables that stand for them give the bytes of the ops one by one.
#include <algorithm>

#include "kernels/check_equal.hpp"
#include "kernels/random_graph.hpp"
#include "runtime/passes/pass.hpp"

namespace qgraph::test {
namespace {

class Chains final : public RandomGraph {
 public:
  explicit Chains(Random& random) : RandomGraph(random, random.byte()) {
    const std::int64_t channels = random.one_of<std::int64_t>({1, 3, 8, 16, 17, 24, 40, 64});
    shape_ = random.one_in(3) ? Shape{1, channels, random.in(1, 12), random.in(5, 20)}
                              : Shape{random.in(1, 2), random.in(3, 12), random.in(5, 20), channels};
    axis_ = shape_[1] == channels ? 1 : 3;
    begin(quantized(random, stored_, shape_));
  }

 private:
  /// A result whose range is near the operand's.
  TensorType near(Value x) {
    const float scale = x.type().scale() * random_.scale(-1, 1);
    return of_any_shape({Quantized(stored_, scale, random_.zero_point(stored_)), Shape{}});
  }
  Value constant() {
    Shape shape{};
    switch (random_.in(0, 2)) {
      case 0: break;
      case 1: shape = Shape{1, 1, 1, 1}; [[fallthrough]];
      default:
        if (shape.rank() == 0) shape = axis_ == 3 ? Shape{1} : Shape{1, 1, 1};
        shape[axis_ - (4 - shape.rank())] = shape_[axis_];
    }
    const Tensor tensor = random_.any(quantized(random_, stored_, shape));
    return builder_.constant(tensor.type, tensor.data);
  }
  Value next() override {
    const Value x = any();
    const TensorType same = of_any_shape(x.type());
    switch (random_.in(0, 9)) {
      case 0: return add("mul", {x, constant()}, {}, near(x));
      case 1: return add("add", {constant(), x}, {}, near(x));
      case 2: return add("prelu", {x, constant()}, {}, near(x));
      case 3: return add("quantize", {x}, {}, near(x));
      case 4: return add("relu", {x}, {}, near(x));
      case 5: return add("add", {x, any()}, {}, near(x));
      case 6: return add("mul", {x, any()}, {}, near(x));
      case 7: {
        const Value y = any();
        if (y.type().element == x.type().element) return add("maximum", {x, y}, {}, same);
        return add("maximum", {x, add("quantize", {y}, {}, same)}, {}, same);
      }
      case 8: return add("leaky_relu", {x}, {{"alpha", 0.3}}, near(x));
      default: {
        // A float op in between; ties of TensorFlow Lite's quantization.
        const Value real = add("dequantize", {x}, {}, TensorType(DType::float32, Shape::unknown_rank()));
        return add("quantize", {add("tanh", {real}, {}, TensorType(DType::float32, Shape::unknown_rank()))}, {}, near(x));
      }
    }
  }

  Shape shape_{};
  std::size_t axis_ = 3;
};

Case random_chain(Random& random) { return Chains(random).make(1, 7); }

TEST_CASE("chains of elementwise ops are tables", "[kernels]") {
  const Tally tally = check_equal(random_chain, 400, 9000);
  CHECK(tally.ran > 350);
  CHECK(tally.differing_plans > 500);
}

TEST_CASE("a PReLU written out is one node", "[kernels]") {
  GraphBuilder g;
  const auto type = [](float scale, Shape shape) { return TensorType(Quantized(DType::int8, scale, 3), std::move(shape)); };
  const Value x = g.input("x", type(0.1F, {1, 12, 12, 24}));
  Random random(5);
  const Tensor alpha = random.any(type(0.004F, {24}));
  const TensorType scaled = type(0.03F, Shape::unknown_rank()), common = type(0.11F, Shape::unknown_rank());
  const Value scaled_x = g.add("mul", {x, g.constant(alpha.type, alpha.data)}, {}, {scaled});
  const Value y =
      g.add("maximum", {g.add("quantize", {scaled_x}, {}, {common}), g.add("quantize", {x}, {}, {common})}, {}, {common});
  g.set_outputs({y});
  const Model passed = runtime::passes::apply(Model({.graphs = {g.finish().value()}}));
  REQUIRE(passed.main().nodes().size() == 1);
  CHECK(passed.main().nodes()[0].op_name() == "fused.channel_table");
}

TEST_CASE("what others read in the middle of a chain stays", "[kernels]") {
  GraphBuilder g;
  const TensorType type(Quantized(DType::int8, 0.1F, 3), Shape{1, 12, 12, 24}), open = of_any_shape(type);
  const Value x = g.input("x", type), other = g.input("y", type);
  const Value halved =
      g.add("quantize", {g.add("relu", {x}, {}, {open})}, {}, {of_any_shape({Quantized(DType::int8, 0.2F, 0), {}})});
  g.set_outputs({g.add("tanh", {halved}, {}, {of_any_shape({Quantized(DType::int8, 1 / 128.0F, 0), {}})}),
                 g.add("mul", {halved, other}, {}, {open})});
  const Model passed = runtime::passes::apply(Model({.graphs = {g.finish().value()}}));
  std::vector<std::string_view> ops;
  for (const Node& node : passed.main().nodes()) ops.push_back(node.op_name());
  CHECK(ops == std::vector<std::string_view>{"fused.table", "fused.table", "mul"});
}

}  // namespace
}  // namespace qgraph::test
