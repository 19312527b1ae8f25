// What the reader makes of an ONNX file: storage forms, scopes, functions, external data, and places of what is wrong.
#include <cstring>
#include <fstream>

#include "formats/onnx/models.hpp"
#include "qgraph/qgraph.hpp"
#include "support/catch.hpp"

namespace qgraph {
namespace {

namespace of = formats::onnx;
using B = test::OnnxBuilder;
using of::MessageEdit;
using test::read_onnx;

source::TensorRef named(const source::Model& m, std::string_view name, std::uint32_t graph = 0) {
  for (std::uint32_t t = 0; t < m.graphs[graph].tensors.size(); ++t)
    if (m.graphs[graph].tensors[t].name == name) return {graph, t};
  return source::no_tensor;
}

template <class T>
std::vector<T> values(const source::Model& m, std::string_view name) {
  const auto data = m.data(named(m, name));
  REQUIRE(data.ok());
  std::vector<T> out(data->bytes.size() / sizeof(T));
  std::memcpy(out.data(), data->bytes.data(), out.size() * sizeof(T));
  return out;
}

TEST_CASE("ONNX: elements in every storage form") {
  B b;
  const std::byte raw[] = {std::byte{1}, std::byte{0xFF}, std::byte{3}};
  B::tensor(*b.graph, "raw", 3, {3}).add_bytes(of::tensor_field::raw_data, raw);
  MessageEdit& floats = B::tensor(*b.graph, "floats", 1, {2});
  floats.add_float(of::tensor_field::float_data, 1.5F);
  floats.add_float(of::tensor_field::float_data, -2);
  MessageEdit& shorts = B::tensor(*b.graph, "int8", 3, {2});
  for (const std::int64_t v : {-1, 5}) shorts.add_integer(of::tensor_field::int32_data, v);
  MessageEdit& packed = B::tensor(*b.graph, "int4", 22, {3});
  for (const std::int64_t v : {0x21, 0x0F}) packed.add_integer(of::tensor_field::int32_data, v);
  MessageEdit& half = B::tensor(*b.graph, "half", 10, {1});
  half.add_integer(of::tensor_field::int32_data, 0x3C00);
  MessageEdit& longs = B::tensor(*b.graph, "int64", 7, {1});
  longs.add_integer(of::tensor_field::int64_data, -3);
  MessageEdit& texts = B::tensor(*b.graph, "texts", 8, {2});
  for (const char* t : {"ab", "c"}) texts.add_text(of::tensor_field::string_data, t);
  MessageEdit& sparse = b.graph->add_message(of::graph_field::sparse_initializer);
  B::tensor(sparse, "sparse", 1, {1}, 1).add_float(of::tensor_field::float_data, 7);
  B::tensor(sparse, "", 7, {1, 2}, 2).add_integer(of::tensor_field::int64_data, 1);
  MessageEdit::open(*sparse.find(2)).add_integer(of::tensor_field::int64_data, 0);
  for (const std::int64_t d : {2, 2}) sparse.add_integer(3, d);
  MessageEdit& constant = B::node(*b.graph, "Constant", {}, {"constant"});
  MessageEdit& a = B::attribute(constant, "value_ints", 7);
  for (const std::int64_t v : {4, 5}) a.add_integer(of::attribute_field::ints, v);

  const auto bytes = b.bytes();
  const auto read = read_onnx(bytes);
  REQUIRE(read.model);
  CHECK(read.codes().empty());
  const source::Model& m = *read.model;
  CHECK(values<std::int8_t>(m, "raw") == std::vector<std::int8_t>{1, -1, 3});
  CHECK(m[named(m, "raw")].data.bytes.bytes.data() > bytes.data());  // in place
  CHECK(values<float>(m, "floats") == std::vector<float>{1.5F, -2});
  CHECK(values<std::int8_t>(m, "int8") == std::vector<std::int8_t>{-1, 5});
  CHECK(m.numbers(named(m, "int4")) == std::vector<double>{1, 2, -1});
  CHECK(m.numbers(named(m, "half")) == std::vector<double>{1});
  CHECK(values<std::int64_t>(m, "int64") == std::vector<std::int64_t>{-3});
  CHECK(values<std::int32_t>(m, "texts")[0] == 2);
  CHECK(values<float>(m, "sparse") == std::vector<float>{0, 0, 7, 0});
  CHECK(values<std::int64_t>(m, "constant") == std::vector<std::int64_t>{4, 5});
  CHECK(m.graphs[0].nodes.empty());
}

TEST_CASE("ONNX: initializers among the inputs are constants, empty names are left out, symbolic dimensions are open") {
  B b(3, 9);
  B::value(*b.graph, of::graph_field::input, "w", DType::int8, {1});
  B::value(*b.graph, of::graph_field::input, "x", DType::float32, {-1, 3});
  B::tensor(*b.graph, "w", 3, {1}).add_bytes(of::tensor_field::raw_data, std::vector<std::byte>(1));
  B::node(*b.graph, "Clip", {"x", "", "w"}, {"y"});
  B::value(*b.graph, of::graph_field::output, "y", DType::unknown, {});
  const auto bytes = b.bytes();
  const auto read = read_onnx(bytes);
  const source::Model& m = *read.model;
  CHECK(m.graphs[0].inputs == std::vector{named(m, "x")});
  CHECK(m[named(m, "x")].shape == Shape{-1, 3});
  CHECK(m.graphs[0].nodes[0].inputs[1] == source::no_tensor);
  CHECK(m.graphs[0].nodes[0].version == 9);
  CHECK(m.graphs[0].nodes[0].domain == "ai.onnx");
  CHECK(m[named(m, "y")].dtype == DType::unknown);
}

TEST_CASE("ONNX: bodies see outer names, and theirs come first") {
  B b;
  B::value(*b.graph, of::graph_field::input, "c", DType::boolean, Shape{});
  B::value(*b.graph, of::graph_field::input, "x", DType::float32, {2});
  MessageEdit& branch = B::node(*b.graph, "If", {"c"}, {"y"});
  MessageEdit& other = B::body(branch, "else_branch");
  B::node(other, "Neg", {"late"}, {"x"});  // hides the outer x
  B::node(other, "Abs", {"x"}, {"e"});
  B::value(other, of::graph_field::output, "e", DType::float32, {2});
  MessageEdit& then = B::body(branch, "then_branch");
  B::node(then, "Relu", {"x"}, {"t"});
  B::value(then, of::graph_field::output, "t", DType::float32, {2});
  B::node(*b.graph, "Exp", {"x"}, {"late"});  // stands behind the node whose body reads it
  B::value(*b.graph, of::graph_field::output, "y", DType::float32, {2});
  const auto bytes = b.bytes();
  const auto read = read_onnx(bytes);
  const source::Model& m = *read.model;
  REQUIRE(m.graphs.size() == 3);
  CHECK(m.graphs[0].nodes[0].bodies == std::vector<std::uint32_t>{1, 2});
  CHECK(m.graphs[1].nodes[0].op == "Relu");
  CHECK(m.graphs[1].nodes[0].inputs[0] == named(m, "x"));
  CHECK(m.graphs[2].nodes[0].inputs[0] == named(m, "late"));
  CHECK(m.graphs[2].nodes[1].inputs[0] == named(m, "x", 2));

  const LoadResult loaded = try_load_graph(bytes);
  INFO(loaded.report.to_string());
  REQUIRE_FALSE(loaded.model.empty());
  Session session(loaded.model);
  const std::vector<float> x{-1, 2};
  const auto run = [&](std::uint8_t yes) {
    const auto out = session.run({Tensor(DType::boolean, Shape{}, std::span<const std::uint8_t>(&yes, 1)),
                                  Tensor(DType::float32, Shape{2}, std::span<const float>(x))});
    return std::vector<float>(out[0].values<float>().begin(), out[0].values<float>().end());
  };
  CHECK(run(1) == std::vector<float>{0, 2});
  CHECK(run(0)[1] == std::exp(2.0F));
}

TEST_CASE("ONNX: functions take the place of their calls, with the call's attributes") {
  B b;
  B::value(*b.graph, of::graph_field::input, "x", DType::float32, {2});
  MessageEdit& call = B::node(*b.graph, "Scaled", {"x"}, {"y"}, "mine");
  B::attribute(call, "by", 1).add_float(of::attribute_field::f, 3);
  B::node(*b.graph, "Scaled", {"y"}, {"z"}, "mine");
  B::value(*b.graph, of::graph_field::output, "z", DType::float32, {2});
  MessageEdit& f = b.file.add_message(of::model_field::functions);
  f.add_text(of::function_field::name, "Scaled");
  f.add_text(of::function_field::domain, "mine");
  f.add_text(of::function_field::input, "a");
  f.add_text(of::function_field::output, "b");
  MessageEdit& fallback = f.add_message(of::function_field::attribute_proto);
  of::write_attribute(fallback, "by", 0.5);
  MessageEdit& factor = B::node(f, "Constant", {}, {"k"}, {}, of::function_field::node);
  B::attribute(factor, "value_float", 1).add_text(of::attribute_field::ref_attr_name, "by");
  B::node(f, "Mul", {"a", "k"}, {"b"}, {}, of::function_field::node);
  B::import_opset(f, "", 17, of::function_field::opset_import);
  const auto bytes = b.bytes();
  const auto read = read_onnx(bytes);
  const source::Model& m = *read.model;
  REQUIRE(m.graphs[0].nodes.size() == 2);
  CHECK(m.graphs[0].nodes[0].op == "Mul");
  CHECK(m.numbers(m.graphs[0].nodes[0].inputs[1]) == std::vector<double>{3});
  CHECK(m.numbers(m.graphs[0].nodes[1].inputs[1]) == std::vector<double>{0.5});
  CHECK(m.graphs[0].nodes[1].outputs[0] == named(m, "z"));
}

TEST_CASE("ONNX: external data are mapped, and never lie outside of the model's folder") {
  const test::ScratchFolder folder;
  std::ofstream(folder.path() / "weights.bin") << "abcdefgh";
  const auto read_with = [&](const std::string& location, const std::string& offset, const std::string& length) {
    B b;
    MessageEdit& t = B::tensor(*b.graph, "w", 3, {4});
    t.add_integer(of::tensor_field::data_location, 1);
    for (const auto& [key, value] :
         std::vector<std::pair<std::string, std::string>>{{"location", location}, {"offset", offset}, {"length", length}}) {
      if (value.empty()) continue;
      MessageEdit& entry = t.add_message(of::tensor_field::external_data);
      entry.add_text(1, key);
      entry.add_text(2, value);
    }
    const auto bytes = b.bytes();
    const auto path = folder.path() / "model.onnx";
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    test::ReadModel r;
    const Budgets budgets;
    ReadContext context{Buffer::copy_of(bytes), path, &budgets, &r.findings};
    r.model = find_format("onnx")->read(context);
    REQUIRE(r.model);
    return r;
  };
  const auto good = read_with("weights.bin", "2", "4");
  CHECK(good.codes().empty());
  CHECK(values<char>(*good.model, "w") == std::vector<char>{'c', 'd', 'e', 'f'});
  CHECK(values<char>(*read_with("weights.bin", "", "").model, "w") == std::vector<char>{'a', 'b', 'c', 'd'});
  std::filesystem::create_symlink("/etc/passwd", folder.path() / "link");
  const std::vector<std::string> missing{"QG1015"};
  for (const char* location : {"", "none.bin", "../weights.bin", "/etc/passwd", "link", "a/../../b"}) {
    INFO(location);
    CHECK(read_with(location, "0", "4").codes() == missing);
  }
  CHECK(read_with("weights.bin", "6", "4").codes() == missing);
  CHECK(read_with("weights.bin", "18446744073709551615", "4").codes() == missing);
  CHECK(read_with("weights.bin", "-1", "4").codes() == missing);
}

TEST_CASE("ONNX: what is malformed says where") {
  const auto bytes = test::onnx_model("ort_mlp_qdq");
  const auto code_of = [](std::span<const std::byte> b) {
    const LoadResult r = try_load_graph(b);
    CHECK(r.model.empty());
    return r.report.diagnostics.empty() ? "" : r.report.diagnostics[0].code;
  };
  CHECK(code_of(std::span(bytes).first(bytes.size() / 2)) == "QG1010");
  const LoadResult cut = try_load_graph(std::span(bytes).first(bytes.size() / 2));
  CHECK(cut.report.diagnostics[0].evidence[0].find("graph[0].") != std::string::npos);
  CHECK(cut.report.diagnostics[0].places[0].byte_offset > static_cast<std::int64_t>(bytes.size() / 4));
  // Lengths, varints and groups within the graph.
  B b;
  MessageEdit& node = B::node(*b.graph, "Relu", {"x"}, {"y"});
  const std::byte long_varint[] = {std::byte{0xFF}, std::byte{0xFF}, std::byte{0xFF}, std::byte{0xFF},
                                   std::byte{0xFF}, std::byte{0xFF}, std::byte{0xFF}, std::byte{0xFF},
                                   std::byte{0xFF}, std::byte{0xFF}, std::byte{1}};
  const std::byte open_group[] = {std::byte{0x53}, std::byte{0x53}};
  const std::byte zero[] = {std::byte{0}, std::byte{0}};
  const std::byte beyond[] = {std::byte{0x0A}, std::byte{0x7F}};
  for (const std::span<const std::byte> flaw : {std::span<const std::byte>(long_varint), std::span<const std::byte>(open_group),
                                                std::span<const std::byte>(zero), std::span<const std::byte>(beyond)}) {
    node.set_bytes(of::node_field::attribute, flaw);
    CHECK(code_of(b.bytes()) == "QG1011");
  }
  // A sound group of an unknown field is passed over.
  const std::byte group[] = {std::byte{0xF3}, std::byte{0x03}, std::byte{0x08}, std::byte{1}, std::byte{0xF4}, std::byte{0x03}};
  node.set_bytes(of::node_field::attribute, group);
  const auto sound = b.bytes();
  CHECK(read_onnx(sound).model);
}

TEST_CASE("ONNX: names that nothing makes") {
  B b;
  B::node(*b.graph, "Relu", {"gone"}, {"y"});
  B::value(*b.graph, of::graph_field::output, "lost", DType::float32, {2});
  const auto bytes = b.bytes();
  CHECK(read_onnx(bytes).codes() == std::vector<std::string>{"QG4001", "QG4006"});
}

TEST_CASE("ONNX: quantization sites of nodes") {
  const auto bytes = test::onnx_model("ort_cnn_qop_u8s8");
  const auto read = read_onnx(bytes);
  std::size_t per_axis = 0, known = 0;
  for (const source::QuantizationSite& s : read.model->sites) {
    known += s.scales.known ? 1U : 0U;
    per_axis += s.axis == 0 && s.scales.values.size() > 1 ? 1U : 0U;
  }
  CHECK(known == read.model->sites.size());
  CHECK(per_axis >= 5);
}

}  // namespace
}  // namespace qgraph
