// Edits in memory and in the file's bytes say the same; what no edit touches stays.
#include <cmath>

#include "formats/tflite/flat_edit.hpp"
#include "formats/tflite/models.hpp"
#include "formats/tflite/structure.hpp"
#include "support/catch.hpp"

namespace qgraph {
namespace {

using source::Edit;
using source::NodeRef;
using source::TensorRef;
using test::read_tflite;

/// Applies in memory, patches the bytes, reads those: both models must be the same. Returns the patched bytes.
std::vector<std::byte> check_edits(std::span<const std::byte> bytes, const std::vector<Edit>& edits) {
  const auto before = read_tflite(bytes);
  REQUIRE(before.model);
  auto applied = read_tflite(bytes);
  for (const Edit& e : edits) {
    CHECK_FALSE(source::describe(*applied.model, e).empty());
    source::apply(*applied.model, e);
  }
  auto patched = find_format("tflite")->patch(*before.model, edits);
  if (!patched) FAIL(patched.error().diagnostics[0].headline);
  const auto after = read_tflite(*patched);
  REQUIRE(after.model);
  const auto expected = test::text_of(*applied.model), found = test::text_of(*after.model);
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == expected[i]);
  CHECK(formats::tflite::verify(*patched, Budgets{}));
  return *std::move(patched);
}

std::size_t constant_with(const source::Model& m, DType dtype) {
  for (std::size_t t = 0; t < m.graphs[0].tensors.size(); ++t)
    if (m.graphs[0].tensors[t].dtype == dtype && m.graphs[0].tensors[t].data.exists()) return t;
  FAIL("no such constant");
  return 0;
}

TEST_CASE("no edits leave the bytes as they are") {
  for (const std::string& name : test::made_models()) {
    const auto bytes = test::made_model(name);
    const auto read = read_tflite(bytes);
    REQUIRE(read.model);
    const auto patched = find_format("tflite")->patch(*read.model, {});
    REQUIRE(patched.ok());
    CHECK(*patched == bytes);
  }
}

TEST_CASE("a stored scalar is written in place") {
  const auto bytes = test::made_model("tfl_cnn_int8");
  const auto read = read_tflite(bytes);
  const TensorRef bias{0, static_cast<std::uint32_t>(constant_with(*read.model, DType::int32))};
  const auto patched = check_edits(bytes, {source::SetDType{bias, DType::int8}});
  REQUIRE(patched.size() == bytes.size());
  std::size_t different = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) different += patched[i] != bytes[i] ? 1U : 0U;
  CHECK(different == 1);
}

TEST_CASE("every edit of a tensor, on every model") {
  for (const std::string& name : test::made_models()) {
    INFO(name);
    const auto bytes = test::made_model(name);
    const auto read = read_tflite(bytes);
    REQUIRE(read.model);
    const source::Model& m = *read.model;
    const std::uint32_t last = m.graphs[0].outputs[0].index;
    std::size_t site = m.sites.size();
    for (std::size_t s = 0; s < m.sites.size(); ++s)
      if (m.sites[s].stored == TensorRef{0, last}) site = s;
    check_edits(bytes, {source::SetDType{{0, last}, DType::float32}});
    check_edits(bytes, {source::SetDType{{0, last}, DType::uint8}, source::SetDType{{0, 0}, DType::bfloat16}});
    check_edits(bytes, {source::SetShape{{0, last}, Shape{1, 2, 3}}});
    check_edits(bytes, {source::SetShape{{0, last}, Shape{-1, 2}}});
    check_edits(bytes, {source::SetQuantization{site, {0, last}, {.scales = {0.25F}, .zero_points = {-3}}}});
    check_edits(bytes, {source::SetQuantization{site, {0, last}, {.scales = {0.25F, 0.5F}, .axis = 1}}});
    check_edits(bytes, {source::SetQuantization{site, {0, last}, {}}});
  }
}

TEST_CASE("data of the same size are written in place, others at the end") {
  const auto bytes = test::made_model("tfl_cnn_int8");
  const auto read = read_tflite(bytes);
  const TensorRef w{0, static_cast<std::uint32_t>(constant_with(*read.model, DType::int8))};
  const std::size_t size = (*read.model)[w].data.bytes.bytes.size();
  const std::vector<std::byte> same(size, std::byte{7}), more(4 * size, std::byte{9});
  CHECK(check_edits(bytes, {source::SetData{w, Buffer::copy_of(same)}}).size() == bytes.size());
  CHECK(check_edits(bytes, {source::SetData{w, Buffer::copy_of(more)}}).size() >= bytes.size() + more.size());
  // An activation has no buffer to write to.
  check_edits(bytes, {source::SetData{read.model->graphs[0].inputs[0], Buffer::copy_of(same)}});
}

TEST_CASE("attributes, ops, versions and inputs of nodes") {
  const auto bytes = test::made_model("tfl_cnn_int8");
  const auto read = read_tflite(bytes);
  std::uint32_t conv = 0;
  while (read.model->graphs[0].nodes[conv].op != "CONV_2D") ++conv;
  const NodeRef n{0, conv};
  check_edits(bytes, {source::SetAttribute{n, "stride_w", std::int64_t{3}}});
  check_edits(bytes, {source::SetAttribute{n, "padding", std::string("VALID")},
                      source::SetAttribute{n, "dilation_h_factor", std::int64_t{2}}});
  check_edits(bytes, {source::SetAttribute{n, "fused_activation_function", std::string("RELU6")}});
  check_edits(bytes, {source::SetVersion{n, 1}});
  check_edits(bytes, {source::SetInput{n, 1, {0, 0}}, source::SetInput{n, 2, source::no_tensor}});
  check_edits(bytes, {source::SetGraphInput{0, 0, {0, 3}}, source::SetGraphOutput{0, 1, {0, 4}}});
  check_edits(bytes, {source::SetFileVersion{7}});
  check_edits(bytes, {source::SetOp{n, "MyConv", "tflite.custom"}});
}

TEST_CASE("a version that no node keeps is gone from the op codes") {
  const auto bytes = test::made_model("tfl_cnn_int8");
  const auto read = read_tflite(bytes);
  std::vector<Edit> stamp, mend;
  std::vector<int> versions;
  for (std::uint32_t n = 0; n < read.model->graphs[0].nodes.size(); ++n)
    if (read.model->graphs[0].nodes[n].op == "CONV_2D") {
      stamp.push_back(source::SetVersion{{0, n}, 99});
      mend.push_back(source::SetVersion{{0, n}, read.model->graphs[0].nodes[n].version});
    }
  REQUIRE(stamp.size() > 1);
  const auto stamped = check_edits(bytes, stamp);
  const auto mended = check_edits(stamped, mend);
  const formats::tflite::FlatEdit flat(mended);
  for (std::size_t c = 0; c < flat.count(flat.root(), "operator_codes"); ++c)
    CHECK(flat.integer(flat.item(flat.root(), "operator_codes", c), "version") < 99);
}

TEST_CASE("a custom op's options are a map of names") {
  const auto bytes = test::made_model("tfl_mlp_int8");
  const NodeRef n{0, 0};
  const std::vector<Edit> edits{source::SetOp{n, "Mine", "tflite.custom"},
                                source::SetAttribute{n, "alpha", 0.1},
                                source::SetAttribute{n, "axes", std::vector<std::int64_t>{1, -2, 300}},
                                source::SetAttribute{n, "mode", std::string("soft")},
                                source::SetAttribute{n, "alpha", 0.75},
                                source::SetAttribute{n, "steps", std::int64_t{1} << 40}};
  const auto before = read_tflite(bytes);
  const auto patched = find_format("tflite")->patch(*before.model, edits);
  REQUIRE(patched.ok());
  const auto after = read_tflite(*patched);
  const source::SourceNode& node = after.model->graphs[0].nodes[0];
  CHECK(node.op == "Mine");
  CHECK(node.domain == "tflite.custom");
  CHECK(test::text_of(after.model->attribute(node, "alpha")) == "0.75");
  CHECK(test::text_of(after.model->attribute(node, "axes")) == "[1, -2, 300]");
  CHECK(test::text_of(after.model->attribute(node, "mode")) == "soft");
  CHECK(test::text_of(after.model->attribute(node, "steps")) == "1099511627776");
  const auto removed =
      find_format("tflite")->patch(*after.model, std::vector<Edit>{source::SetAttribute{n, "mode", std::nullopt}});
  REQUIRE(removed.ok());
  const auto last = read_tflite(*removed);
  CHECK_FALSE(last.model->attribute(last.model->graphs[0].nodes[0], "mode"));
  CHECK(test::text_of(last.model->attribute(last.model->graphs[0].nodes[0], "axes")) == "[1, -2, 300]");
}

TEST_CASE("nodes and tensors are added, moved and removed") {
  const auto bytes = test::made_model("tfl_cnn_int8");
  const auto read = read_tflite(bytes);
  const auto tensors = static_cast<std::uint32_t>(read.model->graphs[0].tensors.size());
  source::SourceTensor real{.dtype = DType::float32, .shape = Shape{1, 10}};
  source::SourceTensor table{.dtype = DType::int32, .shape = Shape{2}};
  const std::vector<std::int32_t> values{4, 5};
  table.data = {.encoding = source::Encoding::raw, .bytes = Buffer::of(std::span<const std::int32_t>(values))};
  source::SourceNode dequantize{.op = "DEQUANTIZE", .domain = "tflite", .version = 2};
  dequantize.inputs = {read.model->graphs[0].outputs[0]};
  dequantize.outputs = {{0, tensors}};
  const auto grown =
      check_edits(bytes, {source::AddTensor{0, real, "real"}, source::AddTensor{0, table, "table"},
                          source::AddNode{0, static_cast<std::uint32_t>(read.model->graphs[0].nodes.size()), dequantize},
                          source::SetGraphOutput{0, 0, {0, tensors}}});
  check_edits(grown, {source::MoveNode{{0, 0}, 3}, source::MoveNode{{0, 5}, 1}, source::RemoveNode{{0, 2}}});
}

TEST_CASE("data behind the flatbuffer stay where their offsets say") {
  auto bytes = test::made_model("tfl_cnn_int8");
  const auto original = read_tflite(bytes);
  const TensorRef w{0, static_cast<std::uint32_t>(constant_with(*original.model, DType::int8))};
  const auto data = (*original.model)[w].data.bytes.bytes;
  formats::tflite::FlatEdit flat(bytes);
  const auto buffer = static_cast<std::size_t>((*original.model)[w].data.storage_index);
  flat.set_integer(flat.item(flat.root(), "buffers", buffer), "size", static_cast<std::int64_t>(data.size()));
  flat.set_integer(flat.item(flat.root(), "buffers", buffer), "offset", 2);
  flat.set_integer(flat.item(flat.root(), "buffers", buffer), "offset", static_cast<std::int64_t>(flat.bytes().size()));
  std::vector<std::byte> outside = flat.bytes();
  outside.insert(outside.end(), data.begin(), data.end());
  const auto read = read_tflite(outside);
  CHECK(test::text_of(*read.model) == test::text_of(*original.model));
  source::SourceTensor table{.dtype = DType::int8, .shape = Shape{3}};
  const std::vector<std::int8_t> three{1, 2, 3};
  table.data = {.encoding = source::Encoding::raw, .bytes = Buffer::of(std::span<const std::int8_t>(three))};
  check_edits(outside, {source::AddTensor{0, table, "t"}, source::SetDType{{0, 0}, DType::float32}});

  outside.resize(outside.size() - 1);
  const auto cut = read_tflite(outside);
  REQUIRE(cut.model);
  CHECK(cut.codes() == std::vector<std::string>{"QG1014"});
  CHECK((*cut.model)[w].data.encoding == source::Encoding::missing);
}

}  // namespace
}  // namespace qgraph
