// Session::profile(): which nodes ran, how often, and what they did.
#include "runtime/profile.hpp"

#include <chrono>
#include <thread>

#include "runtime/graphs.hpp"
#include "support/catch.hpp"

namespace qgraph::test {
namespace {

Model convolutions() {
  GraphBuilder g;
  const TensorType image{Quantized(DType::int8, 0.1F, 3), Shape{2, 9, 8, 6}},
      filter{Quantized(DType::int8, 0.01F), Shape{10, 3, 3, 6}}, taps{Quantized(DType::int8, 0.01F), Shape{1, 3, 5, 10}},
      matrix{Quantized(DType::int8, 0.01F), Shape{7, 720}};
  const TensorType out{Quantized(DType::int8, 0.5F, -3), Shape::unknown_rank()};
  const auto ones = [&](const TensorType& type) {
    return g.constant(type, Buffer::copy_of(std::vector<std::byte>(*type.bytes(), std::byte{1})));
  };
  const Value x = g.input("x", image);
  const Value a = g.add("conv_2d", {x, ones(filter)}, {{"padding", std::string("same")}}, {out});
  const Value b = g.add("depthwise_conv_2d", {a, ones(taps)}, {{"padding", std::string("same")}}, {out});
  const Value c = g.add("fully_connected", {b, ones(matrix)}, {}, {out});
  g.set_outputs({c});
  return Model({.graphs = {g.finish().value()}});
}

TEST_CASE("a profile says what computed each node, and how much there was", "[runtime]") {
  const Model model = convolutions();
  const TensorType& type = model.main()[model.main().inputs()[0]].type;
  const Tensor input(type, Buffer::copy_of(std::vector<std::byte>(*type.bytes(), std::byte{5})));
  for (Kernels kernels : {Kernels::fast, Kernels::reference}) {
    Session session(model, {.kernels = kernels, .profile = true});
    CHECK(session.profile().empty());
    for (int run = 0; run < 3; ++run) {
      session.run({input});
      const auto nodes = session.profile();
      REQUIRE(nodes.size() == 3);
      CHECK(nodes[0].op == "conv_2d");
      CHECK(nodes[0].output.shape == Shape{2, 9, 8, 10});
      CHECK(nodes[0].multiply_adds == 2 * 9 * 8 * 10 * 3 * 3 * 6);
      CHECK(nodes[0].bytes == 2 * 9 * 8 * 6 + 10 * 3 * 3 * 6 + 2 * 9 * 8 * 10);
      CHECK(nodes[1].multiply_adds == 2 * 9 * 8 * 10 * 3 * 5);
      CHECK(nodes[2].multiply_adds == 2 * 7 * 720);
      const bool fast = kernels == Kernels::fast;
      CHECK(nodes[0].kernel == (fast ? "gemm_s8" : "reference"));
      CHECK(nodes[1].kernel == (fast ? "depthwise_s8" : "reference"));
      CHECK(nodes[0].instructions.empty() != fast);
      for (const NodeProfile& node : nodes) {
        CHECK(node.calls == 1);
        CHECK(node.nanoseconds > 0);
      }
    }
  }
}

TEST_CASE("a profile counts the calls of a loop's nodes", "[runtime]") {
  Session session(loop_model(), {.profile = true});
  session.run({floats({1}, {5}), floats({3}, {1, 2, 3})});
  const auto nodes = session.profile();
  REQUIRE(nodes.size() == 5);  // the loop and what follows; the condition; both nodes of the body
  for (const NodeProfile& node : nodes) {
    INFO(node.op);
    CHECK(node.calls == (node.graph.value == 0 ? 1U : node.graph.value == 1 ? 6U : 5U));  // the condition is asked once more
    CHECK(node.kernel == (node.op == "while_loop" ? "reference" : "host"));
  }
}

TEST_CASE("the time of a call does not contain that of its body", "[runtime]") {
  GraphBuilder body("body"), g;
  const TensorType type{DType::float32, Shape{1}};
  const auto slow = [](float v) {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    return v;
  };
  Graph inner = finished(body, {body.add(elementwise("slow", slow), {body.input("x", type)}, {type})});
  const Value called = g.add("call", {g.input("x", type)}, {}, {type}, {GraphId{1}});
  Session session(Model({.graphs = {finished(g, {called}), std::move(inner)}}), {.profile = true});
  session.run({floats({1}, {5})});
  const auto nodes = session.profile();
  REQUIRE(nodes.size() == 2);
  CHECK(nodes[1].nanoseconds >= 30'000'000);
  CHECK(nodes[0].nanoseconds < 15'000'000);
}

TEST_CASE("multiply-adds of products and transposed convolutions", "[runtime]") {
  const auto count = [](std::string_view op, std::vector<Shape> in, Shape out, Attributes attributes = {}) {
    GraphBuilder g;
    std::vector<Value> operands;
    for (std::size_t i = 0; i < in.size(); ++i)
      operands.push_back(g.input("i" + std::to_string(i), TensorType(DType::float32, in[i])));
    g.set_outputs({g.add(op, operands, std::move(attributes))});
    const Graph graph = g.finish().value();
    std::vector<View> inputs, outputs;
    for (TensorId id : graph.nodes()[0].inputs) inputs.push_back({.type = &graph[id].type});
    const TensorType type(DType::float32, std::move(out));
    outputs.push_back({.type = &type});
    return runtime::multiply_adds(graph.nodes()[0], inputs, outputs);
  };
  CHECK(count("batch_matmul", {Shape{2, 3, 4}, Shape{2, 4, 5}}, Shape{2, 3, 5}) == 2 * 3 * 4 * 5);
  CHECK(count("batch_matmul", {Shape{2, 4, 3}, Shape{2, 4, 5}}, Shape{2, 3, 5}, {{"adj_x", std::int64_t{1}}}) == 2 * 3 * 4 * 5);
  CHECK(count("transpose_conv_2d", {Shape{1, 4, 5, 6}, Shape{7, 2, 3, 6}}, Shape{1, 5, 7, 7}) == 4 * 5 * 6 * 7 * 2 * 3);
  CHECK(count("conv_2d", {Shape{1, 6, 4, 5}, Shape{7, 6, 1, 1}}, Shape{1, 7, 4, 5},
              {{"layout", std::string("nchw")}, {"filter_layout", std::string("oihw")}}) == 7 * 4 * 5 * 6);
  CHECK(count("add", {Shape{4}, Shape{4}}, Shape{4}) == 0);
}

}  // namespace
}  // namespace qgraph::test
