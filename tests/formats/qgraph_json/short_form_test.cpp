// The short form: the three graphs that the project began with, their cures, and what the reader turns down.
#include <string>

#include "qgraph/check.hpp"
#include "qgraph/session.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"
#include "support/tensors.hpp"

namespace qgraph::test {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }
std::string seed(const std::string& name) { return read_text(tests_folder() / "data" / "seed" / (name + ".json")); }

float pixel_through(const Model& model, std::initializer_list<float> pixel) {
  Session session(model);
  const std::vector<float> values(pixel);
  return session
      .run({Tensor(DType::float32, Shape{1, 1, 1, static_cast<std::int64_t>(values.size())}, std::span<const float>(values))})[0]
      .values<float>()[0];
}

Diagnostic first(const Report& report) {
  INFO(report.to_string());
  REQUIRE_FALSE(report.diagnostics.empty());
  return report.diagnostics[0];
}

TEST_CASE("a qint8 node without scale is a missing quantization at that node", "[json]") {
  const std::string text = seed("dtype_changed");
  const CheckResult checked = check(bytes_of(text));
  CHECK_FALSE(checked.loadable);
  CHECK(checked.report.count(Severity::error) == 1);
  const Diagnostic d = first(checked.report);
  CHECK(d.code == "QG3201");
  CHECK(d.cause == Cause::missing_quantization);
  CHECK(d.places.at(0).node_index == 0);
  CHECK(d.places.at(0).node_name == "conv");
}

TEST_CASE("an op without handler is unknown", "[json]") {
  const std::string text = seed("custom_op");
  const Diagnostic d = first(check(bytes_of(text)).report);
  CHECK(d.cause == Cause::unknown_op);
  CHECK(d.places.at(0).node_index == 0);
  CHECK(d.places.at(0).node_name == "conv");
}

TEST_CASE("whole numbers under metadata that say float32 are a warning, and run as floats", "[json]") {
  const std::string text = seed("metadata_not_updated");
  const CheckResult checked = check(bytes_of(text));
  CHECK(checked.loadable);
  CHECK(checked.report.count(Severity::error) == 0);
  const Diagnostic d = first(checked.report);
  CHECK(d.code == "QG3301");
  CHECK(d.cause == Cause::dtype_contradiction);
  CHECK(d.severity == Severity::warning);
  CHECK(pixel_through(load_graph(bytes_of(text)), {1, 2, 3}) == 1.0F);
}

TEST_CASE("fractional weights under float metadata are no contradiction", "[json]") {
  const std::string text = R"({"nodes": [{"op": "Conv2D", "weights": [-12, 5.5, 1]}], "metadata": {"dtype": "float32"}})";
  CHECK(check(bytes_of(text)).report.diagnostics.empty());
}

TEST_CASE("a scale makes the weights quantized", "[json]") {
  const std::string text =
      R"({"nodes": [{"name": "conv", "op": "Conv2D", "input": "x", "weights": [-12, 5, 1], "dtype": "qint8", "scale": 0.5}]})";
  const LoadResult loaded = try_load_graph(bytes_of(text));
  INFO(loaded.report.to_string());
  REQUIRE_FALSE(loaded.model.empty());
  bool found = false;
  for (const GraphTensor& t : loaded.model.main().tensors())
    if (t.constant && t.type.dtype() == DType::qint8) found = t.type.scale() == 0.5F && t.type.shape == Shape{1, 1, 1, 3};
  CHECK(found);
  CHECK(pixel_through(loaded.model, {1, 2, 3}) == 0.5F);
}

TEST_CASE("a handler of the host serves JSON, TensorFlow Lite and ONNX", "[json][onnx]") {
  Registry registry = Registry::with_builtins();
  REQUIRE(registry.add({.op = "CustomQuantizedConv2D",
                        .dtype = DType::qint8,
                        .inputs = {"x", "qweights", "bias?"},
                        .lower = [](const SourceNode& n, GraphBuilder& g) -> Result<Outputs> {
                          Value w = n.input("qweights");
                          if (!w.quantized()) w = g.quantized(w, {.scales = n.floats("scale"), .zero_points = {}});
                          return g.add("conv_2d", {n.input("x"), w, n.input("bias")}, conv_attributes(n));
                        }}));
  const std::string text = seed("custom_op");
  const LoadResult json = try_load_graph(bytes_of(text), {.registry = &registry});
  INFO(json.report.to_string());
  REQUIRE_FALSE(json.model.empty());
  CHECK(pixel_through(json.model, {1, 2, 3}) == Approx(0.1F));

  const auto folder = tests_folder() / "data" / "damaged";
  const auto check_file = [&](const std::string& model, const std::string& arrays) {
    INFO(model);
    CHECK(try_load_graph(folder / model).report.has_errors());
    const LoadResult loaded = try_load_graph(folder / model, {.registry = &registry});
    INFO(loaded.report.to_string());
    REQUIRE_FALSE(loaded.model.empty());
    Session session(loaded.model);
    const auto outputs = session.run({read_npy(folder / (arrays + ".in_0.npy"))});
    CHECK(difference(outputs[0], read_npy(folder / (arrays + ".golden_0.npy"))) == "");
  };
  check_file("custom_quantized_conv.tflite", "custom_quantized_conv");
  check_file("custom_quantized_conv.onnx", "custom_quantized_conv_onnx");
}

TEST_CASE("nodes follow each other, share names and declare their types", "[json]") {
  const std::string text = R"({
    "inputs": [{"name": "a", "shape": [1, 2], "dtype": "float32"}],
    "nodes": [
      {"op": "Dense", "weights": [[1, 2], [3, 4], [5, 6]], "bias": [0, 0.5, -100], "activation": "relu"},
      {"name": "sum", "op": "Add", "inputs": ["Dense_0", "Dense_0"]},
      {"name": "flat", "op": "Reshape", "input": "sum", "shape": [3, 1]}]})";
  const LoadResult loaded = try_load_graph(bytes_of(text));
  INFO(loaded.report.to_string());
  REQUIRE_FALSE(loaded.model.empty());
  Session session(loaded.model);
  const std::vector<float> in{1, 1};
  const auto out = session.run({Tensor(DType::float32, Shape{1, 2}, std::span<const float>(in))});
  REQUIRE(out.size() == 1);
  CHECK(out[0].type->shape == Shape{3, 1});
  CHECK(std::vector<float>(out[0].values<float>().begin(), out[0].values<float>().end()) == std::vector<float>{6, 15, 0});
}

struct Refused {
  const char* text;
  const char* code;
  const char* says;
};
const Refused refused[] = {
    {R"({"nodes": [)", "QG1401", "line 1"},
    {"{\"nodes\": [{\"op\": \"Relu\",\n\"op\": \"Tanh\"}]}", "QG1403", "line 2"},
    {R"({"nodes": 3})", "QG1404", "nodes"},
    {"{\"nodes\": [\n{\"op\": \"Conv2D\", \"qweights\": [1, 2,\n 300]}]}", "QG3203",
     "nodes[0].qweights[2] (line 3): 300 is no int8"},
    {R"({"nodes": [{"op": "Conv2D", "qweights": [1.5]}]})", "QG3203", "1.5"},
    {R"({"nodes": [{"op": "Dense", "weights": [[1, 2], [3]]}]})", "QG1405", "ragged"},
    {R"({"nodes": [{"op": "Dense", "weights": {"shape": [2, 2], "data": [1, 2, 3]}}]})", "QG1405", "3 values"},
    {R"({"nodes": [{"op": "Dense", "weights": {"shape": [4611686018427387904, 4], "data": [1]}}]})", "QG1405", "size"},
    {R"({"nodes": [{"op": "Relu", "dtype": "int9"}]})", "QG1404", "'int9'"},
    {R"({"nodes": [{"name": "no op"}]})", "QG1404", "\"op\""},
    {R"({"nodes": [{"op": "Relu", "input": ["a", "b"]}]})", "QG1404", "fewer inputs"},
};

TEST_CASE("what is wrong in a text is said with its path and line", "[json]") {
  for (const Refused& r : refused) {
    CAPTURE(r.text);
    const std::string text = r.text;
    const LoadResult loaded = try_load_graph(bytes_of(text), {.format = "json"});
    CHECK(loaded.model.empty());
    const Diagnostic d = first(loaded.report);
    CHECK(d.code == r.code);
    INFO(d.headline);
    CHECK(d.headline.find(r.says) != std::string::npos);
  }
  std::string deep = R"({"nodes": )" + std::string(100000, '[');
  CHECK(first(try_load_graph(bytes_of(deep), {.format = "json"}).report).code == "QG9002");
}

}  // namespace
}  // namespace qgraph::test
