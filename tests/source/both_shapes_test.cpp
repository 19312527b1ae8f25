// One rule and one edit on the two ways in which files store a quantization: parameters beside the tensor (TensorFlow Lite), and
// scale and zero point as inputs of Q and DQ nodes, some in outer scopes (ONNX).
#include "diagnose/rule.hpp"
#include "source/edits.hpp"
#include "source/uses.hpp"
#include "support/catch.hpp"

namespace qgraph {
namespace {

using source::Encoding;
using source::NodeRef;
using source::TensorRef;

template <class T>
source::SourceTensor constant(std::string_view name, DType dtype, Shape shape, const std::vector<T>& values) {
  source::SourceTensor t{.name = name, .dtype = dtype, .shape = std::move(shape)};
  t.data = {.encoding = Encoding::raw, .bytes = Buffer::of(std::span<const T>(values))};
  return t;
}

source::Parameters list_of(const source::Model& m, TensorRef t) {
  return {.values = *m.numbers(t), .known = true, .tensor = t, .dtype = m[t].dtype, .shape = m[t].shape};
}

constexpr OpRow tflite_rows[]{
    {.op = "CONV_2D", .domain = "tflite", .operands = "input weights bias?", .integer_accumulator = true},
    {.op = "DEQUANTIZE", .domain = "tflite", .operands = "input"}};
constexpr OpRow onnx_rows[]{
    {.op = "Conv", .domain = "ai.onnx", .operands = "input weights bias?"},
    {.op = "DequantizeLinear", .domain = "ai.onnx", .operands = "input scale zero_point?"},
    {.op = "If", .domain = "ai.onnx", .operands = "condition"},
    {.op = "QLinearConv", .domain = "ai.onnx", .operands = "input x_scale x_zero weights w_scale w_zero"}};

const std::vector<std::int8_t> eight{1, -2, 3, -4, 5, -6, 7, -128};

/// Weights 'w' of [2,1,2,2], int8 with two scales along axis 0, feed a convolution.
source::Model tflite_model(DType declared) {
  source::Model m;
  m.format = "tflite";
  m.op_rows = tflite_rows;
  m.graphs.resize(1);
  auto& g = m.graphs[0];
  g.tensors = {{.name = "x", .dtype = DType::int8, .shape = Shape{1, 2, 2, 2}},
               constant("w", declared, Shape{2, 1, 2, 2}, eight),
               {.name = "y", .dtype = DType::int8, .shape = Shape{1, 1, 1, 2}}};
  g.inputs = {{0, 0}};
  g.outputs = {{0, 2}};
  source::SourceNode conv{.op = "CONV_2D", .domain = "tflite"};
  conv.inputs = {{0, 0}, {0, 1}};
  conv.outputs = {{0, 2}};
  g.nodes = {conv};
  m.sites.push_back(
      {.stored = {0, 1}, .real = {0, 1}, .scales = {.values = {0.5, 0.25}, .known = true}, .axis = 0, .axis_given = true});
  return m;
}

/// The same weights as an initializer of the main graph, dequantized in the main graph and again, with another scale, in the body
/// of an If, whose convolution reads the outer one.
source::Model onnx_model(DType declared) {
  source::Model m;
  m.format = "onnx";
  m.op_rows = onnx_rows;
  m.graphs.resize(2);
  m.graphs[1].parent = 0;
  auto& g = m.graphs[0];
  g.tensors = {{.name = "x", .dtype = DType::float32, .shape = Shape{1, 2, 2, 2}},
               constant("w", declared, Shape{2, 1, 2, 2}, eight),
               constant<float>("w_scale", DType::float32, Shape{2}, {0.5F, 0.25F}),
               constant<std::int8_t>("w_zero", DType::int8, Shape{2}, {0, 0}),
               {.name = "w_real", .shape = Shape::unknown_rank(), .declared = false},
               {.name = "y", .dtype = DType::float32, .shape = Shape::unknown_rank()}};
  g.inputs = {{0, 0}};
  g.outputs = {{0, 5}};
  source::SourceNode dq{.name = "dq", .op = "DequantizeLinear", .domain = "ai.onnx"};
  dq.inputs = {{0, 1}, {0, 2}, {0, 3}};
  dq.outputs = {{0, 4}};
  source::SourceNode branch{.name = "branch", .op = "If", .domain = "ai.onnx"};
  branch.inputs = {{0, 0}};
  branch.outputs = {{0, 5}};
  branch.bodies = {1};
  g.nodes = {dq, branch};

  auto& body = m.graphs[1];
  body.tensors = {constant<float>("other_scale", DType::float32, Shape{}, {2.0F}),
                  {.name = "other_real", .shape = Shape::unknown_rank(), .declared = false},
                  {.name = "z", .shape = Shape::unknown_rank(), .declared = false}};
  source::SourceNode inner_dq{.name = "inner_dq", .op = "DequantizeLinear", .domain = "ai.onnx"};
  inner_dq.inputs = {{0, 1}, {1, 0}};
  inner_dq.outputs = {{1, 1}};
  source::SourceNode conv{.name = "conv", .op = "Conv", .domain = "ai.onnx"};
  conv.inputs = {{0, 0}, {0, 4}};
  conv.outputs = {{1, 2}};
  body.nodes = {inner_dq, conv};
  body.outputs = {{1, 2}};

  m.sites.push_back({.stored = {0, 1},
                     .real = {0, 4},
                     .scales = list_of(m, {0, 2}),
                     .zero_points = list_of(m, {0, 3}),
                     .axis = 0,
                     .where = source::Where::node_inputs,
                     .node = {0, 0}});
  m.sites.push_back(
      {.stored = {0, 1}, .real = {1, 1}, .scales = list_of(m, {1, 0}), .where = source::Where::node_inputs, .node = {1, 0}});
  return m;
}

TEST_CASE("a role's quantization is found wherever it is written") {
  const source::Model tflite = tflite_model(DType::int8), onnx = onnx_model(DType::int8);
  const source::Uses in_tflite(tflite), in_onnx(onnx);
  const source::QuantizationSite* beside = source::site(tflite, in_tflite, {0, 0}, "weights");
  const source::QuantizationSite* behind = source::site(onnx, in_onnx, {1, 1}, "weights");
  REQUIRE(beside);
  REQUIRE(behind);
  CHECK(beside->scales.values == std::vector<double>{0.5, 0.25});
  CHECK(behind->scales.values == beside->scales.values);
  CHECK(behind->stored == TensorRef{0, 1});
  CHECK_FALSE(source::site(onnx, in_onnx, {1, 1}, "bias"));
  CHECK_FALSE(source::site(onnx, in_onnx, {1, 1}, "input"));

  // The tensor has two sites; each DQ finds its own.
  CHECK(in_onnx.sites({0, 1}).size() == 2);
  CHECK(source::site(onnx, in_onnx, {0, 0}, "input")->scales.values == std::vector<double>{0.5, 0.25});
  CHECK(source::site(onnx, in_onnx, {1, 0}, "input")->scales.values == std::vector<double>{2.0});
  CHECK(source::site_of(onnx, {0, 1}) == &onnx.sites[0]);

  // A tensor of the outer graph has readers in the body.
  REQUIRE(in_onnx.consumers({0, 4}).size() == 1);
  CHECK(in_onnx.consumers({0, 4})[0].node == NodeRef{1, 1});
  CHECK(in_onnx.producer({0, 4}) == NodeRef{0, 0});
}

TEST_CASE("one rule serves both shapes") {
  for (const bool is_tflite : {true, false}) {
    INFO(is_tflite);
    source::Model m = is_tflite ? tflite_model(DType::float32) : onnx_model(DType::float32);
    const Registry registry;
    const LoadOptions options;
    const auto run = [&] {
      const source::Uses uses(m);
      diagnose::Findings findings;
      for (const diagnose::Rule* rule : diagnose::all_rules())
        if (rule->code == "QG3101") rule->check({m, uses, registry, options, true}, findings);
      return findings;
    };
    const diagnose::Findings found = run();
    REQUIRE(found.list().size() == 1);
    CHECK(found.list()[0].diagnostic.cause == Cause::dtype_contradiction);
    CHECK(found.list()[0].diagnostic.places[0].tensor == "w");
    REQUIRE_FALSE(found.list()[0].edits.empty());
    for (const source::Edit& e : found.list()[0].edits) source::apply(m, e);
    CHECK(m[TensorRef{0, 1}].dtype == DType::int8);
    CHECK(run().list().empty());
  }
}

TEST_CASE("one edit changes scales wherever they are written") {
  for (const bool is_tflite : {true, false}) {
    source::Model m = is_tflite ? tflite_model(DType::int8) : onnx_model(DType::int8);
    const source::SetQuantization edit{0, {0, 1}, {.scales = {1.5F, 3.0F}, .zero_points = {1, -1}, .axis = 0}};
    CHECK(source::describe(m, edit) == "tensor 'w': scale 2 values from 1.5, zero point 2 values from 1, axis 0");
    source::apply(m, edit);
    const source::Uses uses(m);
    const NodeRef conv = is_tflite ? NodeRef{0, 0} : NodeRef{1, 1};
    CHECK(source::site(m, uses, conv, "weights")->scales.values == std::vector<double>{1.5, 3.0});
    CHECK(source::site(m, uses, conv, "weights")->zero_points.values == std::vector<double>{1, -1});
    if (is_tflite) continue;
    CHECK(*m.numbers({0, 2}) == std::vector<double>{1.5, 3.0});  // the scale's own tensor has it
    CHECK(*m.numbers({0, 3}) == std::vector<double>{1, -1});
    CHECK(m.sites[1].scales.values == std::vector<double>{2.0});  // the other site has not
  }
}

TEST_CASE("sites follow nodes that are added, moved and removed") {
  source::Model m = onnx_model(DType::int8);
  source::apply(m, source::AddNode{0, 0, {.op = "Identity", .domain = "ai.onnx"}});
  CHECK(m.sites[0].node == NodeRef{0, 1});
  CHECK(m.sites[1].node == NodeRef{1, 0});
  source::apply(m, source::MoveNode{{0, 1}, 2});
  CHECK(m[m.sites[0].node].name == "dq");
  source::apply(m, source::RemoveNode{{0, 0}});
  CHECK(m[m.sites[0].node].name == "dq");
  source::apply(m, source::RemoveNode{m.sites[0].node});
  REQUIRE(m.sites.size() == 1);
  CHECK(m[m.sites[0].node].name == "inner_dq");
}

}  // namespace
}  // namespace qgraph
