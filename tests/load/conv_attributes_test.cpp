// conv_attributes(): one meaning for every spelling of a convolution's attributes, in ONNX and in JSON.
#include "formats/onnx/models.hpp"
#include "qgraph/qgraph.hpp"
#include "support/catch.hpp"

namespace qgraph {
namespace {

namespace of = formats::onnx;
using B = test::OnnxBuilder;

/// A registry whose op 'Probe' keeps what conv_attributes() makes of it.
Registry probe(Attributes& seen) {
  Registry registry = Registry::with_builtins();
  REQUIRE(registry.add({.op = "Probe", .inputs = {"x"}, .lower = [&seen](const SourceNode& n, GraphBuilder&) -> Result<Outputs> {
                          seen = conv_attributes(n);
                          return Outputs(n.input(0));
                        }}));
  return registry;
}

Attributes of_json(const std::string& attributes) {
  Attributes seen;
  const Registry registry = probe(seen);
  const std::string text = R"({"inputs": [{"name": "x", "shape": [1, 8, 8, 3], "dtype": "float32"}], "nodes": [{"op": "Probe")" +
                           (attributes.empty() ? "" : ", " + attributes) + "}]}";
  const LoadResult loaded = try_load_graph(std::as_bytes(std::span(text)), {.registry = &registry});
  INFO(text << "\n" << loaded.report.to_string());
  REQUIRE(!loaded.model.empty());
  return seen;
}

struct Integers {
  std::string name;
  std::vector<std::int64_t> values;
  bool list = true;
};
Attributes of_onnx(const std::vector<Integers>& integers, const std::string& auto_pad = {}) {
  Attributes seen;
  const Registry registry = probe(seen);
  B b;
  B::value(*b.graph, of::graph_field::input, "x", DType::float32, Shape{1, 3, 8, 8});
  of::MessageEdit& node = B::node(*b.graph, "Probe", {"x"}, {"y"}, "acme.quant");
  for (const Integers& i : integers) {
    of::MessageEdit& a = B::attribute(node, i.name, i.list ? 7 : 2);
    for (const std::int64_t v : i.values) a.add_integer(i.list ? of::attribute_field::ints : of::attribute_field::i, v);
  }
  if (!auto_pad.empty()) B::attribute(node, "auto_pad", 3).add_text(of::attribute_field::s, auto_pad);
  B::value(*b.graph, of::graph_field::output, "y", DType::float32, Shape{1, 3, 8, 8});
  B::import_opset(b.file, "acme.quant", 1);
  const auto bytes = b.bytes();
  const LoadResult loaded = try_load_graph(bytes, {.registry = &registry});
  INFO(loaded.report.to_string());
  REQUIRE(!loaded.model.empty());
  return seen;
}

std::int64_t number(const Attributes& a, std::string_view name, std::int64_t otherwise) {
  const AttributeValue* v = a.find(name);
  return v ? std::get<std::int64_t>(*v) : otherwise;
}
std::string word(const Attributes& a, std::string_view name) {
  const AttributeValue* v = a.find(name);
  return v ? std::get<std::string>(*v) : "";
}
std::vector<std::int64_t> strides(const Attributes& a) { return {number(a, "stride_h", 1), number(a, "stride_w", 1)}; }
std::vector<std::int64_t> pads(const Attributes& a) {
  return {number(a, "pad_top", 0), number(a, "pad_left", 0), number(a, "pad_bottom", 0), number(a, "pad_right", 0)};
}
using List = std::vector<std::int64_t>;

TEST_CASE("conv_attributes: JSON's spellings of stride and dilation", "[load]") {
  for (const char* spelled : {R"("stride": [2, 3])", R"("strides": [2, 3])", R"("stride_h": 2, "stride_w": 3)",
                              R"("stride_height": 2, "stride_width": 3)", R"("strides": [1, 2, 3, 1])"}) {
    INFO(spelled);
    CHECK(strides(of_json(spelled)) == List{2, 3});
  }
  CHECK(strides(of_json(R"("stride": 2)")) == List{2, 2});
  CHECK(strides(of_json("")) == List{1, 1});
  for (const char* spelled :
       {R"("dilation": [2, 3])", R"("dilations": [2, 3])", R"("dilation_rate": [2, 3])",
        R"("dilation_h_factor": 2, "dilation_w_factor": 3)", R"("dilation_height_factor": 2, "dilation_width_factor": 3)"}) {
    INFO(spelled);
    const Attributes a = of_json(spelled);
    CHECK(List{number(a, "dilation_h", 1), number(a, "dilation_w", 1)} == List{2, 3});
  }
}

TEST_CASE("conv_attributes: JSON's spellings of padding, groups, activation and layout", "[load]") {
  CHECK(word(of_json(R"("padding": "SAME")"), "padding") == "same");
  CHECK(word(of_json(R"("padding": "valid")"), "padding") == "valid");
  CHECK(word(of_json(R"("auto_pad": "SAME_LOWER")"), "padding") == "same_lower");
  CHECK(pads(of_json(R"("padding": 1)")) == List{1, 1, 1, 1});
  CHECK(pads(of_json(R"("padding": [1, 2])")) == List{1, 2, 1, 2});
  CHECK(pads(of_json(R"("pads": [1, 2, 3, 4])")) == List{1, 2, 3, 4});
  CHECK(pads(of_json(R"("padding": "explicit", "pad_top": 1, "pad_left": 2, "pad_bottom": 3, "pad_right": 4)")) ==
        List{1, 2, 3, 4});
  CHECK(number(of_json(R"("group": 3)"), "groups", 1) == 3);
  CHECK(number(of_json(R"("groups": 3)"), "groups", 1) == 3);
  for (const char* spelled :
       {R"("activation": "relu6")", R"("fused_activation_function": "RELU6")", R"("fused_activation": "Relu6")"})
    CHECK(word(of_json(spelled), "activation") == "relu6");
  CHECK(word(of_json(R"("activation": "linear")"), "activation") == "none");
  const Attributes a = of_json(R"("layout": "NCHW", "filter_layout": "OIHW")");
  CHECK(word(a, "layout") == "nchw");
  CHECK(word(a, "filter_layout") == "oihw");
  CHECK(a.find("rounding") == nullptr);
}

TEST_CASE("conv_attributes: ONNX's spellings, its layout and its rounding", "[load]") {
  const Attributes a = of_onnx({{"strides", {2, 3}}, {"dilations", {1, 2}}, {"pads", {1, 2, 3, 4}}, {"group", {3}, false}});
  CHECK(strides(a) == List{2, 3});
  CHECK(number(a, "dilation_w", 1) == 2);
  CHECK(pads(a) == List{1, 2, 3, 4});
  CHECK(word(a, "padding") == "explicit");
  CHECK(number(a, "groups", 1) == 3);
  CHECK(word(a, "layout") == "nchw");
  CHECK(word(a, "filter_layout") == "oihw");
  CHECK(word(a, "rounding") == "nearest_even");

  const Attributes plain = of_onnx({});
  CHECK(word(plain, "padding") == "explicit");  // ONNX pads nothing where it says nothing
  CHECK(pads(plain) == List{0, 0, 0, 0});
  CHECK(word(of_onnx({}, "SAME_UPPER"), "padding") == "same");
  CHECK(word(of_onnx({}, "SAME_LOWER"), "padding") == "same_lower");
  CHECK(word(of_onnx({}, "VALID"), "padding") == "valid");
  CHECK(pads(of_onnx({{"pads", {1, 2, 3, 4}}}, "NOTSET")) == List{1, 2, 3, 4});

  const Attributes line = of_onnx({{"strides", {2}}, {"pads", {1, 3}}});  // one-dimensional: the width
  CHECK(strides(line) == List{1, 2});
  CHECK(pads(line) == List{0, 1, 0, 3});
  const Attributes cube = of_onnx({{"strides", {2, 3, 4}}, {"pads", {1, 2, 3, 4, 5, 6}}});
  CHECK(number(cube, "stride_d", 1) == 2);
  CHECK(strides(cube) == List{3, 4});
  CHECK(number(cube, "pad_front", 0) == 1);
  CHECK(number(cube, "pad_back", 0) == 4);
  CHECK(pads(cube) == List{2, 3, 5, 6});
}

}  // namespace
}  // namespace qgraph
