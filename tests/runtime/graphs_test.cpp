// Small graphs made by hand, with kernels of their own.
#include "runtime/graphs.hpp"

#include <algorithm>

#include "support/catch.hpp"

namespace qgraph::test {
namespace {

Result<std::vector<TensorType>> like_first(std::span<const TensorType> inputs) { return std::vector<TensorType>{inputs[0]}; }

const TensorType open{DType::float32, Shape{Shape::dynamic}};
const TensorType one{DType::float32, Shape{1}};

Value state_added(GraphBuilder& g, Value state, Value x) {
  HostOp op = sum();
  op.name = "add_to_state";
  // State is written in place, as kernels with a state operand do.
  op.run = [](std::span<const TensorView> in, std::span<const MutableTensorView> out) -> Status {
    auto* kept = const_cast<float*>(in[0].values<float>().data());
    for (std::size_t i = 0; i < in[1].values<float>().size(); ++i)
      out[0].values<float>()[i] = kept[i] += in[1].values<float>()[i];
    return Done{};
  };
  return g.add(std::move(op), {state, x}, {x.type()});
}

}  // namespace

Tensor floats(Shape shape, std::vector<float> values) {
  return {DType::float32, std::move(shape), std::span<const float>(values)};
}
std::vector<float> values_of(const TensorView& view) {
  const auto values = view.values<float>();
  return {values.begin(), values.end()};
}

HostOp elementwise(std::string name, float (*f)(float)) {
  return {.name = std::move(name),
          .run = [f](std::span<const TensorView> in, std::span<const MutableTensorView> out) -> Status {
            std::ranges::transform(in[0].values<float>(), out[0].values<float>().begin(), f);
            return Done{};
          },
          .infer = like_first};
}
HostOp sum() {
  return {.name = "sum",
          .run = [](std::span<const TensorView> in, std::span<const MutableTensorView> out) -> Status {
            std::ranges::transform(in[0].values<float>(), in[1].values<float>(), out[0].values<float>().begin(), std::plus<>{});
            return Done{};
          },
          .infer = like_first};
}
HostOp positive() {
  return {.name = "positive",
          .run = [](std::span<const TensorView> in, std::span<const MutableTensorView> out) -> Status {
            out[0].values<bool>()[0] = in[0].values<float>()[0] > 0;
            return Done{};
          },
          .infer = {}};
}
HostOp join() {
  return {.name = "join",
          .run = [](std::span<const TensorView> in, std::span<const MutableTensorView> out) -> Status {
            const auto rest = std::ranges::copy(in[0].values<float>(), out[0].values<float>().begin()).out;
            std::ranges::copy(in[1].values<float>(), rest);
            return Done{};
          },
          .infer = [](std::span<const TensorType> in) -> Result<std::vector<TensorType>> {
            TensorType type = in[0];
            const bool known = in[0].shape.is_static() && in[1].shape.is_static();
            type.shape = Shape{known ? in[0].shape[0] + in[1].shape[0] : Shape::dynamic};
            return std::vector<TensorType>{type};
          }};
}

Graph finished(GraphBuilder& builder, std::vector<Value> outputs) {
  builder.set_outputs(std::move(outputs));
  return builder.finish().value();
}

Model chain_model(int length, std::int64_t size) {
  GraphBuilder g;
  Value x = g.input("x", {DType::float32, Shape{size}});
  for (int i = 0; i < length; ++i) x = g.add(elementwise("add_one", [](float v) { return v + 1; }), {x}, {x.type()});
  return Model({.graphs = {finished(g, {x})}});
}

namespace {

Graph condition_graph() {
  GraphBuilder g("condition");
  const Value n = g.input("n", one);
  g.input("x", open);
  return finished(g, {g.add(positive(), {n}, {TensorType{DType::boolean, Shape{1}}})});
}

Model loop_over(HostOp step) {
  GraphBuilder body("body");
  const Value n = body.input("n", one), x = body.input("x", open);
  const Value less = body.add(elementwise("subtract_one", [](float v) { return v - 1; }), {n}, {one});
  const Value next = body.add(std::move(step), {x, x}, {open});
  GraphBuilder g;
  const Value n0 = g.input("n", one), x0 = g.input("x", open);
  const Outputs looped = g.add("while_loop", {n0, x0}, {}, {}, {GraphId{1}, GraphId{2}});
  const Value after = g.add(elementwise("negate", [](float v) { return -v; }), {looped[1]}, {open});
  return Model({.graphs = {finished(g, {looped[1], after}), condition_graph(), finished(body, {less, next})}});
}

}  // namespace

Model loop_model() { return loop_over(sum()); }
Model growing_model() { return loop_over(join()); }

Model variable_model() {
  const TensorType type{DType::float32, Shape{2}};
  const std::int32_t zero = 0;
  const auto handle = [&](GraphBuilder& b) { return b.constant<std::int32_t>(DType::resource, Shape{}, {&zero, 1}); };
  GraphBuilder init("init");
  const std::vector<float> tens{10, 10};
  init.add("assign_variable", {handle(init), init.constant<float>(DType::float32, Shape{2}, tens)});
  GraphBuilder g;
  const Value x = g.input("x", type);
  g.add("call_once", {}, {}, {}, {GraphId{1}});
  const Value s = state_added(g, g.state("s", type), x);
  const Value before = g.add("read_variable", {handle(g)}, {}, {type});
  g.add("assign_variable", {handle(g), g.add(sum(), {before, x}, {type})});
  const Value after = g.add("read_variable", {handle(g)}, {}, {type});
  return Model({.graphs = {finished(g, {s, after}), finished(init, {})}, .variables = {{"v", type}}});
}

Model branch_model() {
  GraphBuilder yes("yes"), no("no"), g;
  const Value y = yes.input("x", open), n = no.input("x", open);
  Graph twice = finished(yes, {yes.add(sum(), {y, y}, {open})});
  Graph plus_one = finished(no, {no.add(elementwise("add_one", [](float v) { return v + 1; }), {n}, {open})});
  const Value c = g.input("c", one), x = g.input("x", open);
  const Value condition = g.add(positive(), {c}, {TensorType{DType::boolean, Shape{1}}});
  const Value chosen = g.add("if_else", {condition, x}, {}, {open}, {GraphId{1}, GraphId{2}});
  return Model(
      {.graphs = {finished(g, {g.add("call", {chosen}, {}, {open}, {GraphId{2}})}), std::move(twice), std::move(plus_one)}});
}

Model endless_model() {
  GraphBuilder g;
  const Value x = g.input("x", one);
  return Model({.graphs = {finished(g, {g.add("call", {x}, {}, {one}, {GraphId{0}})})}});
}

TEST_CASE("graphs made by hand are built", "[runtime]") {
  CHECK(chain_model(3).main().nodes().size() == 3);
  CHECK(loop_model().graphs().size() == 3);
  CHECK(variable_model().data().variables.size() == 1);
}

}  // namespace qgraph::test
