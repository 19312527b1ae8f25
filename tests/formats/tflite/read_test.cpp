// What the reader makes of sound files, and of files with one thing wrong.
#include "formats/tflite/flat_edit.hpp"
#include "formats/tflite/models.hpp"
#include "support/catch.hpp"

namespace qgraph {
namespace {

using formats::tflite::FlatEdit;
using source::TensorRef;
using test::read_tflite;

TEST_CASE("sound models are read without a finding, constants in place") {
  for (const std::string& name : test::made_models()) {
    INFO(name);
    const auto bytes = test::made_model(name);
    const auto r = read_tflite(bytes);
    REQUIRE(r.model);
    CHECK(r.codes().empty());
    for (const source::SourceTensor& t : r.model->graphs[0].tensors) {
      // Files align to 4: what is wider may have to be copied.
      if (t.data.encoding != source::Encoding::raw || t.data.bytes.empty() || bits(t.dtype) > 32) continue;
      CHECK(t.data.bytes.bytes.data() >= bytes.data());
      CHECK(t.data.bytes.bytes.data() < bytes.data() + bytes.size());
    }
  }
}

TEST_CASE("a small network, field by field") {
  const auto bytes = test::made_model("tfl_cnn_int8");
  const auto r = read_tflite(bytes);
  const source::Model& m = *r.model;
  CHECK(m.format_version == 3);
  REQUIRE(m.graphs.size() == 1);
  CHECK(m.graphs[0].tensors.size() == 24);
  REQUIRE(m.graphs[0].nodes.size() == 10);
  REQUIRE(m.signatures.size() == 1);
  CHECK(m.signatures[0].name == "serving_default");
  const source::SourceNode& conv = m.graphs[0].nodes[0];
  CHECK(conv.op == "CONV_2D");
  CHECK(conv.options_kind == "Conv2DOptions");
  CHECK(test::text_of(m.attribute(conv, "padding")) == "SAME");
  CHECK(test::text_of(m.attribute(conv, "dilation_w_factor")) == "1");  // not stored: the schema's default
  CHECK_FALSE(m.attribute(conv, "axis"));
  const source::Uses uses(m);
  const source::QuantizationSite* weights = source::site_of(m, conv.inputs[1]);
  REQUIRE(weights);
  CHECK(weights->axis == 0);
  CHECK(std::int64_t(weights->scales.values.size()) == m[conv.inputs[1]].shape[0]);
  CHECK(source::site_of(m, uses, conv.inputs[1]) == weights);
  CHECK(uses.producer(conv.outputs[0]) == source::NodeRef{0, 0});
  CHECK(uses.is_graph_input(conv.inputs[0]));
}

TEST_CASE("bodies, block scales and packed numbers") {
  const auto gru = test::made_model("tfl_gru_dynamic");
  const auto loop = read_tflite(gru);
  REQUIRE(loop.model->graphs.size() == 3);
  std::vector<std::uint32_t> bodies;
  for (const source::SourceNode& n : loop.model->graphs[0].nodes)
    if (n.op == "WHILE") bodies = n.bodies;
  CHECK(bodies == std::vector<std::uint32_t>{1, 2});

  const auto blocks = test::made_model("aeq_wide_dynamic_w4_b32");
  const auto r = read_tflite(blocks);
  const source::QuantizationSite* site = source::site_of(*r.model, r.model->graphs[0].nodes[0].inputs[1]);
  REQUIRE(site);
  const Shape& shape = (*r.model)[site->stored].shape;
  CHECK(site->block_size == 32);
  CHECK(site->axis == 1);
  CHECK(std::int64_t(site->scales.values.size()) == shape[0] * shape[1] / 32);
  CHECK((*r.model)[site->stored].dtype == DType::int4);
  const auto numbers = r.model->numbers(site->stored);
  REQUIRE(numbers);
  CHECK(std::int64_t(numbers->size()) == *shape.elements());
  CHECK(*std::ranges::min_element(*numbers) >= -8);
  CHECK(*std::ranges::max_element(*numbers) <= 7);
}

TEST_CASE("memory need not be aligned") {
  const auto bytes = test::made_model("tfl_lstm_int8");
  std::vector<std::byte> shifted(bytes.size() + 16);
  const auto expected = test::text_of(*read_tflite(bytes).model);
  for (std::size_t by = 1; by < 8; ++by) {
    std::ranges::copy(bytes, shifted.begin() + static_cast<std::ptrdiff_t>(by));
    const auto r = read_tflite(std::span(shifted).subspan(by, bytes.size()));
    REQUIRE(r.model);
    CHECK(test::text_of(*r.model) == expected);
  }
}

TEST_CASE("a file that ends anywhere is one finding") {
  const auto bytes = test::made_model("tfl_cnn_int8");
  std::size_t truncated = 0, cuts = 0;
  for (std::size_t size = 0; size < bytes.size(); size += 97, ++cuts) {
    const std::vector<std::byte> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    const auto r = read_tflite(cut);
    if (r.model) continue;
    REQUIRE(r.codes().size() == 1);
    truncated += r.codes()[0] == "QG1010" ? 1U : 0U;
    CHECK(r.findings.list()[0].diagnostic.cause == Cause::unreadable_file);
  }
  CHECK(truncated > cuts * 3 / 4);
}

/// The codes found after one change to a sound model; it is read all the same.
template <class Change>
std::vector<std::string> codes_after(const Change& change) {
  FlatEdit flat(test::made_model("tfl_cnn_int8"));
  change(flat);
  const auto r = read_tflite(flat.bytes());
  REQUIRE(r.model);
  CHECK(r.model->graphs[0].nodes.size() == 10);
  return r.codes();
}

TEST_CASE("references to what is not there") {
  using Codes = std::vector<std::string>;
  const auto node = [](FlatEdit& f, std::size_t n) { return f.item(f.item(f.root(), "subgraphs", 0), "operators", n); };
  const auto first_of = [](FlatEdit& f, formats::tflite::TableRef t, std::string_view list) {
    return f.target(f.field(t, list)) + 4;
  };
  CHECK(codes_after([&](FlatEdit& f) { f.write<std::int32_t>(first_of(f, node(f, 1), "inputs") + 4, 9999); }) == Codes{"QG4001"});
  CHECK(codes_after([&](FlatEdit& f) { f.write<std::int32_t>(first_of(f, node(f, 1), "outputs"), -7); }) == Codes{"QG4002"});
  CHECK(codes_after([&](FlatEdit& f) {
          f.set_integer(f.item(f.item(f.root(), "subgraphs", 0), "tensors", 3), "buffer", 9999);
        }) == Codes{"QG4003"});
  CHECK(codes_after([&](FlatEdit& f) { f.set_integer(node(f, 2), "opcode_index", 500); }) == Codes{"QG4004"});
  CHECK(codes_after([&](FlatEdit& f) { f.write<std::int32_t>(first_of(f, f.item(f.root(), "subgraphs", 0), "outputs"), 24); }) ==
        Codes{"QG4006"});
  CHECK(codes_after([&](FlatEdit& f) {
          f.set_integer(f.item(f.item(f.root(), "signature_defs", 0), "inputs", 0), "tensor_index", 77);
        }) == Codes{"QG4007"});
}

TEST_CASE("identifier and version are mended by the edits that the findings carry") {
  auto bytes = test::made_model("tfl_mlp_int8");
  bytes[7] = std::byte{'1'};
  FlatEdit flat(bytes);
  flat.set_integer(flat.root(), "version", 1);
  const auto r = read_tflite(flat.bytes());
  CHECK(r.codes() == std::vector<std::string>{"QG1012", "QG1013"});
  std::vector<source::Edit> edits;
  for (const diagnose::Finding& f : r.findings.list()) edits.insert(edits.end(), f.edits.begin(), f.edits.end());
  const auto mended = find_format("tflite")->patch(*r.model, edits);
  REQUIRE(mended.ok());
  CHECK(*mended == test::made_model("tfl_mlp_int8"));
}

TEST_CASE("limits end in a finding") {
  const auto bytes = test::made_model("tfl_cnn_int8");
  for (const Budgets& b : {Budgets{.nodes = 9}, Budgets{.tensors = 23}}) {
    const auto r = read_tflite(bytes, b);
    CHECK_FALSE(r.model);
    CHECK(r.codes() == std::vector<std::string>{"QG9002"});
  }
}

}  // namespace
}  // namespace qgraph
