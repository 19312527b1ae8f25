// ONNX's sequences and optionals as inputs and outputs of a Session.
#include "formats/onnx/models.hpp"
#include "qgraph/qgraph.hpp"
#include "support/catch.hpp"

namespace qgraph {
namespace {

namespace of = formats::onnx;
using B = test::OnnxBuilder;
using of::MessageEdit;

/// TypeProto of float32 tensors of unknown shape.
void float_type(MessageEdit& type) { type.add_message(1).add_integer(1, 1); }
/// A value of a graph: a sequence of float32 tensors, or, `optional`, one of these that may be missing.
void sequence_value(MessageEdit& graph, std::uint32_t field, const std::string& name, bool optional = false) {
  MessageEdit& info = graph.add_message(field);
  info.add_text(1, name);
  MessageEdit* type = &info.add_message(2);
  if (optional) type = &type->add_message(9).add_message(1);
  float_type(type->add_message(4).add_message(1));
}

Tensor floats(std::initializer_list<float> values) {
  return Tensor(DType::float32, Shape{static_cast<std::int64_t>(values.size())},
                std::span<const float>(values.begin(), values.size()));
}

Model load(const B& b) {
  LoadResult loaded = try_load_graph(b.bytes());
  INFO((loaded.report.diagnostics.empty() ? "" : loaded.report.diagnostics[0].headline));
  REQUIRE(!loaded.model.empty());
  return loaded.model;
}

TEST_CASE("ONNX: SequenceMap over sequences that a host passes") {
  B b;
  sequence_value(*b.graph, of::graph_field::input, "x");
  B::value(*b.graph, of::graph_field::input, "y", DType::float32, Shape{-1});
  sequence_value(*b.graph, of::graph_field::output, "sums");
  MessageEdit& body = B::body(B::node(*b.graph, "SequenceMap", {"x"}, {"sums"}), "body");
  body.add_text(of::graph_field::name, "body");
  B::value(body, of::graph_field::input, "item", DType::float32, Shape{-1});
  B::value(body, of::graph_field::output, "sum", DType::float32, Shape{-1});
  B::node(body, "Add", {"item", "y"}, {"sum"});  // y is the outer graph's

  Session session(load(b));
  const Tensor items[] = {floats({1, 2}), floats({3, 4}), floats({-1, 0})};
  const auto outputs = session.run({sequence_of(items), floats({10, 20})});
  const auto sums = sequence_items(outputs[0]);
  REQUIRE(sums.has_value());
  REQUIRE(sums->size() == 3);
  CHECK((*sums)[1].values<float>()[0] == 13.0F);
  CHECK((*sums)[2].values<float>()[1] == 20.0F);
  CHECK(sequence_items(session.run({sequence_of({}), floats({1})})[0])->empty());
}

TEST_CASE("ONNX: what the type of a sequence says is known of its items") {
  B b;
  sequence_value(*b.graph, of::graph_field::input, "x");
  B::tensor(*b.graph, "one", 7, {}).add_integer(of::tensor_field::int64_data, 1);
  B::node(*b.graph, "SequenceAt", {"x", "one"}, {"item"});  // no type of its own
  B::node(*b.graph, "Add", {"item", "item"}, {"sum"});
  B::value(*b.graph, of::graph_field::output, "sum", DType::float32, Shape{-1});
  Session session(load(b));
  const Tensor items[] = {floats({1}), floats({3, 4})};
  CHECK(session.run({sequence_of(items)})[0].values<float>()[1] == 8.0F);
  const auto few = session.try_run(std::vector<Tensor>{sequence_of(std::span(items).first(1))});
  CHECK_FALSE(few.ok());
}

TEST_CASE("ONNX: an optional may hold nothing, which is found at run time") {
  B b;
  sequence_value(*b.graph, of::graph_field::input, "x", true);
  B::node(*b.graph, "OptionalHasElement", {"x"}, {"there"});
  B::node(*b.graph, "OptionalGetElement", {"x"}, {"sequence"});
  B::node(*b.graph, "SequenceLength", {"sequence"}, {"length"});
  B::value(*b.graph, of::graph_field::output, "there", DType::boolean, Shape{});
  B::value(*b.graph, of::graph_field::output, "length", DType::int64, Shape{});
  Session session(load(b));
  const Tensor items[] = {floats({1}), floats({3, 4})};
  const auto outputs = session.run({sequence_of(items)});
  CHECK(outputs[0].values<std::uint8_t>()[0] == 1);
  CHECK(outputs[1].values<std::int64_t>()[0] == 2);
  const auto nothing = session.try_run(std::vector<Tensor>{empty_optional()});
  REQUIRE_FALSE(nothing.ok());
  CHECK(nothing.error().diagnostics[0].headline.find("holds nothing") != std::string::npos);
}

TEST_CASE("ONNX: bytes that are no sequence are refused, not read") {
  B b;
  sequence_value(*b.graph, of::graph_field::input, "x");
  B::node(*b.graph, "SequenceLength", {"x"}, {"length"});
  B::value(*b.graph, of::graph_field::output, "length", DType::int64, Shape{});
  Session session(load(b));
  const Tensor items[] = {floats({1, 2, 3, 4})};
  const Tensor whole = sequence_of(items);
  for (std::size_t size = 0; size < whole.data.bytes.size(); size += 4) {
    const Tensor cut(whole.type, Buffer::copy_of(whole.data.bytes.first(size)));
    CHECK_FALSE(session.try_run(std::vector<Tensor>{cut}).ok());
  }
  std::vector<std::byte> bytes(whole.data.bytes.begin(), whole.data.bytes.end());
  bytes[24] = std::byte{5};  // the dimension: more elements than bytes
  CHECK_FALSE(session.try_run(std::vector<Tensor>{Tensor(whole.type, Buffer::own(std::move(bytes)))}).ok());
}

TEST_CASE("ONNX: of an If only the branch that runs has to fit") {
  const bool constant = GENERATE(false, true);
  B b(8, 11);
  B::value(*b.graph, of::graph_field::input, "x", DType::float32, Shape{-1, -1});
  if (constant)
    B::tensor(*b.graph, "drop", 9, {}).add_integer(of::tensor_field::int32_data, 0);
  else
    B::value(*b.graph, of::graph_field::input, "drop", DType::boolean, Shape{});
  MessageEdit& choice = B::node(*b.graph, "If", {"drop"}, {"y"});
  MessageEdit& yes = B::body(choice, "then_branch");
  yes.add_text(of::graph_field::name, "yes");
  B::value(yes, of::graph_field::output, "a", DType::float32, Shape::unknown_rank());
  MessageEdit& squeeze = B::node(yes, "Squeeze", {"x"}, {"a"});  // fits where the first dimension is 1
  B::attribute(squeeze, "axes", 7).add_integer(of::attribute_field::ints, 0);
  MessageEdit& no = B::body(choice, "else_branch");
  no.add_text(of::graph_field::name, "no");
  B::value(no, of::graph_field::output, "b", DType::float32, Shape::unknown_rank());
  B::node(no, "Neg", {"x"}, {"b"});
  B::value(*b.graph, of::graph_field::output, "y", DType::float32, Shape::unknown_rank());

  Session session(load(b));
  const std::vector<float> values{1, 2, 3, 4};
  std::vector<Tensor> inputs(constant ? 1 : 2);
  inputs[0] = Tensor(DType::float32, Shape{2, 2}, std::span<const float>(values));
  const auto condition = [](std::uint8_t c) { return Tensor(DType::boolean, Shape{}, std::span<const std::uint8_t>(&c, 1)); };
  if (!constant) inputs[1] = condition(0);
  const auto outputs = session.try_run(inputs);
  REQUIRE(outputs.ok());
  CHECK((*outputs)[0].type->shape == Shape{2, 2});
  CHECK((*outputs)[0].values<float>()[3] == -4.0F);
  if (constant) return;
  inputs[1] = condition(1);
  CHECK_FALSE(session.try_run(inputs).ok());
  inputs[0] = Tensor(DType::float32, Shape{1, 4}, std::span<const float>(values));
  CHECK(session.run(inputs)[0].type->shape == Shape{4});
}

}  // namespace
}  // namespace qgraph
