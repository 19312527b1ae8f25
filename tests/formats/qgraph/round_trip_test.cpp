// .qg holds everything: graphs made by hand with every kind of type and attribute, and models of the tests.
#include "support/round_trip.hpp"

#include <cstring>
#include <limits>

#include "qgraph/save.hpp"
#include "qgraph/session.hpp"
#include "support/case.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"

namespace qgraph::test {
namespace {

Model model_of(GraphBuilder& b) {
  Result<Graph> g = b.finish();
  if (!g) {
    FAIL(g.error().to_string());
    return {};
  }
  Model::Data data;
  data.graphs.push_back(*std::move(g));
  data.signatures.push_back(
      {.name = "serve", .graph = {0}, .inputs = {"a"}, .outputs = {"y"}, .input_positions = {0}, .output_positions = {0}});
  data.variables.push_back({"counter", TensorType(DType::int32, Shape{2})});
  data.metadata = {{"author", "nobody \"quoted\" \n \xC3\xA9"}, {"empty", ""}};
  data.format = "made by hand";
  return Model(std::move(data));
}

Model every_kind() {
  GraphBuilder b("main");
  const Quantization per_axis{.scales = {0.1F, 1e-30F, 3.4e38F}, .zero_points = {0, 0, 0}, .axis = 1};
  const Value x = b.input("x", TensorType(DType::float32, Shape{-1, 3}));
  const Value open = b.input("", TensorType(DType::float32, Shape::unknown_rank()));
  const std::vector<float> odd{0.0F, -0.0F, std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
                               0.1F, 1e-45F};
  const Value c = b.constant(DType::float32, Shape{2, 3}, std::span<const float>(odd), "odd");
  const Value s = b.add("add", {b.add("add", {x, c}), c}, {{"activation", std::string("relu6")}});
  const std::vector<std::int8_t> small{1, -2, 127};
  b.constant(TensorType(Quantized(DType::int8, per_axis), Shape{1, 3}), Buffer::of(std::span<const std::int8_t>(small)),
             "weights");
  const std::vector<std::byte> nibbles{std::byte{0x21}, std::byte{0x0F}};
  b.constant(TensorType(Quantized(DType::int4, 0.5F, 3), Shape{3}), Buffer::copy_of(nibbles), "int4");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  b.constant(DType::float32, Shape{}, std::span<const float>(&nan, 1), "nan");
  const std::vector<std::int64_t> large(100, std::numeric_limits<std::int64_t>::min());
  b.constant(DType::int64, Shape{100}, std::span<const std::int64_t>(large), "large");
  b.state("state", TensorType(DType::int16, Shape{4}));
  b.set_outputs({s, b.add("add", {open, open}), s});
  return model_of(b);
}

std::vector<std::byte> saved(const Model& model, const ScratchFolder& folder) {
  REQUIRE(save(model, folder.path() / "m.qg"));
  return read_bytes(folder.path() / "m.qg");
}

TEST_CASE("a graph comes back as it was, from .qg and from JSON", "[formats]") {
  const Model model = every_kind();
  for (const char* extension : {".qg", ".json"}) {
    CAPTURE(extension);
    const LoadResult back = round_trip(model, extension);
    INFO(back.report.to_string());
    REQUIRE_FALSE(back.model.empty());
    CHECK(difference(model, back.model) == "");
    // And again: what is written of what was read is the same.
    const LoadResult twice = round_trip(back.model, extension);
    REQUIRE_FALSE(twice.model.empty());
    CHECK(difference(model, twice.model) == "");
  }
}

TEST_CASE("constants of a .qg file lie aligned and are used in place", "[formats]") {
  const ScratchFolder folder;
  REQUIRE(save(every_kind(), folder.path() / "m.qg"));
  const Model model = load_graph(folder.path() / "m.qg");
  std::size_t constants = 0;
  for (const GraphTensor& t : model.main().tensors()) {
    if (!t.constant) continue;
    ++constants;
    CHECK(reinterpret_cast<std::uintptr_t>(t.data.bytes.data()) % 64 == 0);
    CHECK(t.data.owner != nullptr);
  }
  CHECK(constants == 5);
}

TEST_CASE("from memory a .qg may lie at any address", "[formats]") {
  const ScratchFolder folder;
  const Model model = every_kind();
  const std::vector<std::byte> bytes = saved(model, folder);
  std::vector<std::byte> shifted(bytes.size() + 1);
  std::memcpy(shifted.data() + 1, bytes.data(), bytes.size());
  const LoadResult back = try_load_graph(std::span<const std::byte>(shifted).subspan(1));
  REQUIRE_FALSE(back.model.empty());
  CHECK(difference(model, back.model) == "");
}

TEST_CASE("every damage of a .qg file ends in a report or a sound graph", "[formats]") {
  const ScratchFolder folder;
  const std::vector<std::byte> bytes = saved(every_kind(), folder);
  for (std::size_t length = 0; length < bytes.size(); length += 7)
    CHECK(try_load_graph(std::span(bytes).first(length)).model.empty());
  std::size_t refused = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (const std::byte flip : {std::byte{0x01}, std::byte{0x80}, std::byte{0xFF}}) {
      std::vector<std::byte> damaged = bytes;
      damaged[i] ^= flip;
      refused += try_load_graph(std::span<const std::byte>(damaged)).model.empty();
    }
  CHECK(refused > 100);
}

TEST_CASE("a newer .qg and an unknown op are refused by name", "[formats]") {
  const ScratchFolder folder;
  REQUIRE(save(every_kind(), folder.path() / "m.json"));
  std::string text = read_text(folder.path() / "m.json");
  const auto code_of = [](const std::string& t) {
    const Report r = try_load_graph(std::as_bytes(std::span(t))).report;
    return r.diagnostics.empty() ? std::string() : r.diagnostics[0].code + " " + r.diagnostics[0].headline;
  };
  const auto replaced = [&](const std::string& what, const std::string& by) {
    std::string t = text;
    const std::size_t at = t.find(what);
    REQUIRE(at != std::string::npos);
    return t.replace(at, what.size(), by);
  };
  CHECK(code_of(text) == "");
  CHECK(code_of(replaced("\"version\": 1", "\"version\": 2")).starts_with("QG1302"));
  CHECK(code_of(replaced("\"op\": \"add\"", "\"op\": \"adb\"")).starts_with("QG1304"));
  CHECK(code_of(replaced("\"activation\"", "\"activaction\"")).find("'activaction'") != std::string::npos);
  CHECK(code_of(replaced("\"inputs\": [0, 1]", "\"inputs\": [0, 99]")).starts_with("QG1303"));
}

TEST_CASE("host ops cannot be saved, and the old file survives", "[formats]") {
  const ScratchFolder folder;
  const auto file = folder.path() / "m.qg";
  const Model model = every_kind();
  REQUIRE(save(model, file));
  GraphBuilder b;
  const TensorType type(DType::float32, Shape{1});
  const Value x = b.input("x", type);
  b.set_outputs({b.add(HostOp{.name = "acme.op"}, {x}, {type})});
  const Status s = save(model_of(b), file);
  REQUIRE_FALSE(s);
  CHECK(s.error().diagnostics[0].code == "QG1502");
  CHECK(difference(model, load_graph(file)) == "");
  CHECK_FALSE(save(model, folder.path() / "m.unknown"));
  CHECK_FALSE(save(model, folder.path() / "no_folder" / "m.qg"));
  CHECK(list_files(folder.path(), ".part").empty());
}

TEST_CASE("models give the same outputs after a round trip through each format", "[formats]") {
  std::size_t tried = 0;
  for (const auto& file : list_files(tests_folder() / "ops", ".json"))
    for (const Case& c : read_cases(file)) {
      if (!c.code.empty()) continue;
      const LoadResult loaded = try_load_graph(std::span<const std::byte>(c.model));
      // What does not load or is not right before is the matter of other tests.
      if (loaded.model.empty() || !run_case(loaded.model, c, {}).empty()) continue;
      for (const char* extension : {".qg", ".json"}) {
        CAPTURE(c.name, extension);
        const LoadResult back = round_trip(loaded.model, extension);
        INFO(back.report.to_string());
        CHECK_FALSE(back.model.empty());
        if (back.model.empty()) continue;
        CHECK(difference(loaded.model, back.model) == "");
        CHECK(run_case(back.model, c, {}) == "");
        ++tried;
      }
    }
  CHECK(tried > 100);
}

}  // namespace
}  // namespace qgraph::test
