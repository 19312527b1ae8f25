// Edits in memory and in the file's bytes say the same; what no edit touches stays.
#include "formats/onnx/models.hpp"
#include "support/catch.hpp"

namespace qgraph {
namespace {

namespace of = formats::onnx;

using source::Edit;
using source::NodeRef;
using source::TensorRef;
using test::read_onnx;

/// Applies in memory, patches the bytes, reads those: both models must say the same. Returns the patched bytes.
std::vector<std::byte> check_edits(std::span<const std::byte> bytes, const std::vector<Edit>& edits) {
  const auto before = read_onnx(bytes);
  REQUIRE(before.model);
  auto applied = read_onnx(bytes);
  for (const Edit& e : edits) {
    CHECK_FALSE(source::describe(*applied.model, e).empty());
    source::apply(*applied.model, e);
  }
  auto patched = find_format("onnx")->patch(*before.model, edits);
  if (!patched) FAIL(patched.error().diagnostics[0].headline + ": " + patched.error().diagnostics[0].why);
  const auto after = read_onnx(*patched);
  REQUIRE(after.model);
  const auto expected = test::named_text_of(*applied.model), found = test::named_text_of(*after.model);
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == expected[i]);
  return *std::move(patched);
}

TensorRef constant_of(const source::Model& m, DType dtype) {
  for (std::uint32_t t = 0; t < m.graphs[0].tensors.size(); ++t)
    if (m.graphs[0].tensors[t].dtype == dtype && m.graphs[0].tensors[t].data.exists() && m.graphs[0].tensors[t].shape.rank() > 0)
      return {0, t};
  return source::no_tensor;
}

TEST_CASE("ONNX: no edits leave the bytes as they are") {
  REQUIRE(test::onnx_models().size() >= 5);
  for (const std::string& name : test::onnx_models()) {
    INFO(name);
    const auto bytes = test::onnx_model(name);
    const auto read = read_onnx(bytes);
    REQUIRE(read.model);
    const auto patched = find_format("onnx")->patch(*read.model, {});
    REQUIRE(patched.ok());
    CHECK(*patched == bytes);
  }
}

TEST_CASE("ONNX: tensors, nodes and interfaces of every model") {
  for (const std::string& name : test::onnx_models()) {
    INFO(name);
    const auto bytes = test::onnx_model(name);
    const auto read = read_onnx(bytes);
    const source::Model& m = *read.model;
    const TensorRef input = m.graphs[0].inputs[0], output = m.graphs[0].outputs[0];
    const auto last = static_cast<std::uint32_t>(m.graphs[0].nodes.size() - 1);
    check_edits(bytes, {source::SetDType{input, DType::bfloat16}, source::SetDType{output, DType::uint8}});
    check_edits(bytes, {source::SetShape{input, Shape{1, 2, 3}}, source::SetShape{output, Shape{-1, 7}}});
    check_edits(bytes, {source::SetAttribute{{0, 0}, "axis", std::int64_t{3}},
                        source::SetAttribute{{0, 0}, "words", std::vector<std::string>{"a", "b"}}});
    check_edits(bytes, {source::SetAttribute{{0, last}, "ratio", 0.5}, source::SetAttribute{{0, last}, "ratio", std::nullopt}});
    check_edits(bytes, {source::SetInput{{0, 0}, 1, input}, source::SetInput{{0, last}, 0, source::no_tensor}});
    check_edits(bytes, {source::SetOp{{0, 0}, "MyOp", "mine"}, source::SetOp{{0, last}, "Relu", "ai.onnx"}});
    check_edits(bytes, {source::MoveNode{{0, 0}, last}, source::MoveNode{{0, last}, 1}});
    check_edits(bytes,
                {source::SetDomainVersion{"ai.onnx", 21}, source::SetDomainVersion{"mine", 2}, source::SetFileVersion{10}});
    check_edits(bytes, {source::SetDomainVersion{"ai.onnx", 0}});
    check_edits(bytes, {source::SetGraphOutput{0, 0, input}});
  }
}

TEST_CASE("ONNX: data of constants, wherever they are stored") {
  for (const std::string& name : test::onnx_models()) {
    INFO(name);
    const auto bytes = test::onnx_model(name);
    const auto read = read_onnx(bytes);
    for (const DType dtype : {DType::float32, DType::int8, DType::uint8, DType::int64}) {
      const TensorRef t = constant_of(*read.model, dtype);
      if (!t || (*read.model)[t].data.encoding == source::Encoding::missing) continue;
      const std::size_t size = read.model->data(t)->bytes.size();
      const std::vector<std::byte> same(size, std::byte{7}), more(4 * size, std::byte{9});
      check_edits(bytes, {source::SetData{t, Buffer::copy_of(same)}});
      check_edits(bytes,
                  {source::SetData{t, Buffer::copy_of(more)}, source::SetShape{t, Shape{static_cast<std::int64_t>(4 * size)}}});
      check_edits(bytes, {source::SetDType{t, DType::uint16}});
    }
    for (std::size_t s = 0; s < read.model->sites.size(); ++s)
      check_edits(bytes, {source::SetQuantization{s, read.model->sites[s].stored, {.scales = {0.25F}, .zero_points = {3}}}});
  }
}

TEST_CASE("ONNX: new tensors and nodes stand where they should") {
  for (const std::string& name : test::onnx_models()) {
    INFO(name);
    const auto bytes = test::onnx_model(name);
    const auto read = read_onnx(bytes);
    const auto tensors = static_cast<std::uint32_t>(read.model->graphs[0].tensors.size());
    const std::vector<float> one{1};
    source::SourceTensor constant{.dtype = DType::float32, .shape = Shape{1}};
    constant.data = {.encoding = source::Encoding::raw, .bytes = Buffer::of(std::span<const float>(one))};
    source::SourceNode node;
    node.op = "Mul";
    node.domain = "ai.onnx";
    node.name = "new_node";
    node.inputs = {read.model->graphs[0].inputs[0], {0, tensors}};
    node.outputs = {{0, tensors + 1}};
    node.attributes.edited =
        std::make_shared<Attributes>(Attributes{{"number", std::int64_t{3}}, {"numbers", std::vector<double>{1, 2}}});
    const std::vector<Edit> edits{source::AddTensor{0, constant, "new_constant"},
                                  source::AddTensor{0, {.dtype = DType::float32, .shape = Shape{-1, 3}}, "new_value"},
                                  source::AddNode{0, 1, node}, source::SetInput{{0, 0}, 0, {0, tensors + 1}}};
    const auto patched = check_edits(bytes, edits);
    std::vector<Edit> undone = edits;
    undone.emplace_back(source::RemoveNode{{0, 1}});
    undone.emplace_back(source::RemoveNode{{0, 0}});
    const auto before = read_onnx(bytes);
    CHECK(find_format("onnx")->patch(*before.model, undone).ok());
    CHECK(patched.size() > bytes.size());
  }
}

TEST_CASE("ONNX: unknown fields survive, and only messages around an edit are encoded anew") {
  test::OnnxBuilder b;
  b.file.add_text(61, "of the model");
  test::OnnxBuilder::value(*b.graph, of::graph_field::input, "x", DType::float32, {2});
  of::MessageEdit& node = test::OnnxBuilder::node(*b.graph, "Relu", {"x"}, {"y"});
  node.add_text(60, "of the node");
  b.graph->add_text(59, "of the graph");
  test::OnnxBuilder::value(*b.graph, of::graph_field::output, "y", DType::float32, {2});
  std::vector<std::byte> bytes = b.bytes();
  const auto patched = check_edits(bytes, {source::SetOp{{0, 0}, "Sigmoid", "ai.onnx"}});
  const std::string text(reinterpret_cast<const char*>(patched.data()), patched.size());
  for (const char* kept : {"of the model", "of the node", "of the graph", "Sigmoid"}) CHECK(text.find(kept) != std::string::npos);
  CHECK(patched.size() == bytes.size() + 3);
}

TEST_CASE("ONNX: nodes of bodies are edited, those of functions refused") {
  test::OnnxBuilder b;
  using B = test::OnnxBuilder;
  B::value(*b.graph, of::graph_field::input, "c", DType::boolean, Shape{});
  B::value(*b.graph, of::graph_field::input, "x", DType::float32, {2});
  of::MessageEdit& branch = B::node(*b.graph, "If", {"c"}, {"y"});
  for (const char* which : {"else_branch", "then_branch"}) {
    of::MessageEdit& body = B::body(branch, which);
    B::node(body, which[0] == 't' ? "Relu" : "Neg", {"x"}, {std::string(which) + "_y"});
    B::value(body, of::graph_field::output, std::string(which) + "_y", DType::float32, {2});
  }
  B::node(*b.graph, "Twice", {"y"}, {"z"}, "mine");
  B::value(*b.graph, of::graph_field::output, "z", DType::float32, {2});
  of::MessageEdit& f = b.file.add_message(of::model_field::functions);
  f.add_text(of::function_field::name, "Twice");
  f.add_text(of::function_field::domain, "mine");
  f.add_text(of::function_field::input, "a");
  f.add_text(of::function_field::output, "b");
  B::node(f, "Add", {"a", "a"}, {"b"}, {}, of::function_field::node);
  B::import_opset(f, "", 17, of::function_field::opset_import);
  const auto bytes = b.bytes();
  const auto read = read_onnx(bytes);
  REQUIRE(read.model);
  REQUIRE(read.model->graphs.size() == 3);
  CHECK(read.model->graphs[0].nodes[1].op == "Add");
  CHECK(read.model->graphs[1].nodes[0].op == "Relu");
  CHECK(read.model->graphs[1].nodes[0].inputs[0].graph == 0);
  check_edits(bytes, {source::SetOp{{1, 0}, "Abs", "ai.onnx"}, source::SetAttribute{{2, 0}, "k", std::int64_t{1}}});
  CHECK_FALSE(find_format("onnx")->patch(*read.model, std::vector<Edit>{source::SetOp{{0, 1}, "Mul", "ai.onnx"}}).ok());
}

}  // namespace
}  // namespace qgraph
