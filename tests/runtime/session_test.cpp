// Sessions: inputs and outputs, resizing, errors, state, budgets, threads.
#include "qgraph/session.hpp"

#include <thread>

#include "runtime/graphs.hpp"
#include "runtime/trace.hpp"
#include "support/catch.hpp"

namespace qgraph::test {
namespace {

using Floats = std::vector<float>;

Diagnostic refusal(Session& session, std::vector<Tensor> inputs) {
  const auto result = session.try_run(inputs);
  REQUIRE_FALSE(result.ok());
  REQUIRE_FALSE(result.error().diagnostics.empty());
  return result.error().diagnostics[0];
}

TEST_CASE("a chain runs in the memory of two tensors", "[runtime]") {
  Session session(chain_model(10, 1000));
  CHECK(session.input_name(0) == "x");
  CHECK(session.input_count() == 1);
  CHECK(session.output_count() == 1);
  const auto outputs = session.run({floats({1000}, Floats(1000, 1.0F))});
  CHECK(values_of(outputs[0]) == Floats(1000, 11.0F));
  CHECK(outputs[0].type->shape == Shape{1000});
  // 4000 bytes each, with slack and scratch for the host's views
  CHECK(session.stats().arena_bytes >= 8000);
  CHECK(session.stats().arena_bytes < 9000);
}

TEST_CASE("inputs that do not fit are refused by name", "[runtime]") {
  Session session(chain_model(1));
  CHECK(refusal(session, {}).headline == "1 inputs are wanted, 0 are passed");
  const std::vector<std::int8_t> bytes{1, 2, 3, 4};
  const Diagnostic dtype = refusal(session, {Tensor(DType::int8, Shape{4}, std::span<const std::int8_t>(bytes))});
  CHECK(dtype.headline == "input 0 'x' is float32, int8 is passed");
  CHECK(dtype.cause == Cause::dtype_contradiction);
  REQUIRE(dtype.places.size() == 1);
  CHECK(dtype.places[0].tensor == "x");
  CHECK(refusal(session, {floats({2, 2}, {1, 2, 3, 4})}).cause == Cause::shape_mismatch);
  CHECK(refusal(session, {Tensor({DType::float32, Shape{4}}, Buffer::of(std::span<const std::int8_t>(bytes)))}).cause ==
        Cause::data_size_mismatch);
  CHECK(values_of(session.run({floats({4}, {1, 2, 3, 4})})[0]) == Floats{2, 3, 4, 5});
}

TEST_CASE("other shapes are planned anew", "[runtime]") {
  Session session(chain_model(2, Shape::dynamic));
  CHECK(values_of(session.run({floats({2}, {1, 2})})[0]) == Floats{3, 4});
  CHECK(values_of(session.run({floats({5}, {1, 2, 3, 4, 5})})[0]) == Floats{3, 4, 5, 6, 7});
  CHECK(values_of(session.run({floats({2}, {5, 6})})[0]) == Floats{7, 8});
  CHECK(values_of(session.run({floats({0}, {})})[0]).empty());
  for (std::int64_t n = 1; n < 30; ++n)
    CHECK(session.run({floats({n}, Floats(static_cast<std::size_t>(n), 0.0F))})[0].type->shape == Shape{n});
}

TEST_CASE("run_into fills the caller's buffers", "[runtime]") {
  Session session(chain_model(1));
  const std::vector<Tensor> inputs{floats({4}, {1, 2, 3, 4})};
  Floats result(4), shorter(3);
  const std::span<std::byte> right = std::as_writable_bytes(std::span(result)),
                             wrong = std::as_writable_bytes(std::span(shorter));
  CHECK(session.run_into(inputs, {&right, 1}).ok());
  CHECK(result == Floats{2, 3, 4, 5});
  CHECK_FALSE(session.run_into(inputs, {&wrong, 1}).ok());
}

TEST_CASE("loops", "[runtime]") {
  Session session(loop_model());
  const auto outputs = session.run({floats({1}, {3}), floats({2}, {1, 2})});
  CHECK(values_of(outputs[0]) == Floats{8, 16});
  CHECK(values_of(outputs[1]) == Floats{-8, -16});
  CHECK(values_of(session.run({floats({1}, {0}), floats({2}, {1, 2})})[0]) == Floats{1, 2});
  CHECK(values_of(session.run({floats({1}, {2}), floats({3}, {1, 2, 3})})[0]) == Floats{4, 8, 12});
}

TEST_CASE("loops whose shapes grow", "[runtime]") {
  Session session(growing_model());
  for (int run = 0; run < 3; ++run) {
    const auto outputs = session.run({floats({1}, {3}), floats({2}, {1, 2})});
    CHECK(values_of(outputs[0]).size() == 16);
    CHECK(outputs[1].type->shape == Shape{16});
    CHECK(values_of(outputs[1])[15] == -2.0F);
  }
  CHECK(values_of(session.run({floats({1}, {12}), floats({1}, {7})})[0]) == Floats(4096, 7.0F));
  CHECK(values_of(session.run({floats({1}, {0}), floats({1}, {7})})[0]) == Floats{7});
}

TEST_CASE("loops that do not end are ended", "[runtime]") {
  Session session(loop_model(), {.budgets = {.loop_iterations = 10}});
  CHECK(values_of(session.run({floats({1}, {10}), floats({1}, {1})})[0]) == Floats{1024});
  const Diagnostic d = refusal(session, {floats({1}, {11}), floats({1}, {1})});
  CHECK(d.cause == Cause::resource_limit);
  REQUIRE(d.places.size() == 1);
  CHECK(d.places[0].op == "while_loop");
  CHECK(values_of(session.run({floats({1}, {1}), floats({1}, {1})})[0]) == Floats{2});
}

TEST_CASE("branches and calls", "[runtime]") {
  Session session(branch_model());
  CHECK(values_of(session.run({floats({1}, {1}), floats({2}, {5, 6})})[0]) == Floats{11, 13});
  CHECK(values_of(session.run({floats({1}, {-1}), floats({2}, {5, 6})})[0]) == Floats{7, 8});
}

TEST_CASE("a graph that calls itself is refused", "[runtime]") {
  Session session(endless_model());
  const Diagnostic d = refusal(session, {floats({1}, {1})});
  CHECK(d.cause == Cause::resource_limit);
  CHECK(d.headline.find("calls itself") != std::string::npos);
}

TEST_CASE("state and variables are kept between runs, until reset", "[runtime]") {
  Session session(variable_model());
  const std::vector<Tensor> inputs{floats({2}, {1, 2})};
  for (int round = 0; round < 2; ++round) {
    auto outputs = session.run(inputs);
    CHECK(values_of(outputs[0]) == Floats{1, 2});
    CHECK(values_of(outputs[1]) == Floats{11, 12});
    outputs = session.run(inputs);
    CHECK(values_of(outputs[0]) == Floats{2, 4});
    CHECK(values_of(outputs[1]) == Floats{12, 14});
    session.reset();
  }
  Session other(variable_model());
  CHECK(values_of(other.run(inputs)[0]) == Floats{1, 2});
}

TEST_CASE("the budget of memory is checked before it is taken", "[runtime]") {
  Session session(chain_model(3, Shape::dynamic), {.budgets = {.arena_bytes = 20'000}});
  const Diagnostic d = refusal(session, {floats({10'000}, Floats(10'000))});
  CHECK(d.cause == Cause::resource_limit);
  CHECK(d.headline.find("the budget is 20000") != std::string::npos);
  CHECK(values_of(session.run({floats({1000}, Floats(1000, 1.0F))})[0]) == Floats(1000, 4.0F));
}

TEST_CASE("plans for other shapes give way where memory is short", "[runtime]") {
  Session session(chain_model(3, Shape::dynamic), {.budgets = {.arena_bytes = 20'000}});
  for (std::int64_t n = 2000; n < 2010; ++n)
    CHECK(session.run({floats({n}, Floats(static_cast<std::size_t>(n), 1.0F))})[0].type->shape == Shape{n});
}

TEST_CASE("a host's kernel is not run where its outputs have no size", "[runtime]") {
  GraphBuilder g;
  const Value x = g.input("x", {DType::float32, Shape{1}});
  HostOp op = elementwise("open", [](float v) { return v; });
  op.infer = {};
  const Value y = g.add(std::move(op), {x}, {{DType::float32, Shape{Shape::dynamic}}});
  Session session(Model({.graphs = {finished(g, {y})}}));
  CHECK(refusal(session, {floats({1}, {1})}).cause == Cause::shape_mismatch);
}

TEST_CASE("growing memory keeps to the budget too", "[runtime]") {
  Session session(growing_model(), {.budgets = {.arena_bytes = 100'000}});
  CHECK(refusal(session, {floats({1}, {40}), floats({1}, {1})}).cause == Cause::resource_limit);
  CHECK(values_of(session.run({floats({1}, {3}), floats({1}, {1})})[0]) == Floats(8, 1.0F));
}

TEST_CASE("a host's kernel may fail", "[runtime]") {
  GraphBuilder g;
  const Value x = g.input("x", {DType::float32, Shape{1}});
  HostOp broken = elementwise("broken", [](float v) { return v; });
  broken.run = [](auto, auto) -> Status { return failure("X1", Cause::invalid_attribute, "the device is gone"); };
  const Value y = g.add(std::move(broken), {x}, {x.type()});
  Session session(Model({.graphs = {finished(g, {y})}}));
  const Diagnostic d = refusal(session, {floats({1}, {1})});
  CHECK(d.headline == "the device is gone");
  CHECK(d.cause == Cause::invalid_attribute);
  REQUIRE(d.places.size() == 1);
  CHECK(d.places[0].op == "broken");
}

TEST_CASE("signatures name and order inputs and outputs", "[runtime]") {
  GraphBuilder g;
  const TensorType type{DType::float32, Shape{1}};
  const Value a = g.input("a", type), b = g.input("b", type);
  const Value negative = g.add(elementwise("negate", [](float v) { return -v; }), {b}, {type});
  Model::Data data{.graphs = {finished(g, {a, negative})}};
  data.signatures.push_back(
      {.name = "swap", .inputs = {"first", "second"}, .outputs = {"minus"}, .input_positions = {1, 0}, .output_positions = {1}});
  const Model model(std::move(data));
  Session session(model, {.signature = "swap"});
  CHECK(session.input_name(0) == "first");
  CHECK(session.output_count() == 1);
  CHECK(session.output_name(0) == "minus");
  CHECK(values_of(session.run({floats({1}, {3}), floats({1}, {4})})[0]) == Floats{-3});
  CHECK(Session::create(model, {.signature = "none"}).error().diagnostics[0].expected == "swap");
  CHECK_FALSE(Session::create(Model{}).ok());
}

TEST_CASE("every tensor can be watched", "[runtime]") {
  Session session(loop_model());
  std::vector<std::string> seen;
  runtime::set_trace(session, [&](const runtime::Traced& t) { seen.emplace_back(t.node->op_name()); });
  REQUIRE(session.try_run(std::vector<Tensor>{floats({1}, {1}), floats({1}, {1})}).ok());
  CHECK(seen == std::vector<std::string>{"positive", "subtract_one", "sum", "positive", "while_loop", "while_loop", "negate"});
}

TEST_CASE("many Sessions on one Model, from several threads", "[runtime]") {
  const Model loops = loop_model(), states = variable_model();
  std::vector<std::thread> threads;
  std::vector<int> right(4, 0);
  for (std::size_t t = 0; t < right.size(); ++t)
    threads.emplace_back([&, t] {
      Session loop(loops), state(states);
      const auto size = static_cast<std::int64_t>(t) + 1;
      for (int i = 0; i < 50; ++i) {
        const auto x = static_cast<float>(t);
        const auto a = loop.try_run(std::vector<Tensor>{floats({1}, {4}), floats({size}, Floats(t + 1, x))});
        const auto b = state.try_run(std::vector<Tensor>{floats({2}, {1, x})});
        if (a && b && values_of((*a)[0]) == Floats(t + 1, 16 * x) && values_of((*b)[0])[0] == static_cast<float>(i + 1))
          ++right[t];
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(right == std::vector<int>(4, 50));
}

}  // namespace
}  // namespace qgraph::test
