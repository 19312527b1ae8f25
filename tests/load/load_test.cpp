// load_graph(): opaque nodes, the log, forced formats, budgets, and what a Report holds when it fails.
#include <cstring>
#include <set>

#include "qgraph/qgraph.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"

namespace qgraph {
namespace {

std::filesystem::path made(std::string_view name) { return test::tests_folder() / "data" / "made" / name / "model.tflite"; }
std::filesystem::path unknown_op() { return test::tests_folder() / "data" / "damaged" / "custom_quantized_conv.tflite"; }

}  // namespace

TEST_CASE("an unknown op is an error, or is kept as an opaque node", "[load]") {
  const LoadResult refused = try_load_graph(unknown_op());
  CHECK(refused.model.empty());
  REQUIRE(refused.report.count(Severity::error) == 1);
  CHECK(refused.report.diagnostics[0].cause == Cause::unknown_op);
  CHECK(refused.report.diagnostics[0].places[0].op == "CustomQuantizedConv2D");

  LoadOptions options;
  options.keep_unknown = true;
  const LoadResult kept = try_load_graph(unknown_op(), options);
  INFO(kept.report.to_string());
  REQUIRE_FALSE(kept.model.empty());
  std::size_t opaque = 0;
  for (const Node& n : kept.model.main().nodes())
    if (n.op_name() == "opaque") {
      ++opaque;
      CHECK(std::get<std::string>(*n.attribute("op")) == "CustomQuantizedConv2D");
      CHECK_FALSE(std::get<Tensor>(*n.attribute("options")).data.empty());
    }
  CHECK(opaque == 1);
  // It can be looked at, not run.
  const Result<Session> session = Session::create(kept.model);
  if (session) {
    TensorType type = session->input_type(0);
    type.shape[0] = 1;
    Result<Session> again = Session::create(kept.model);
    CHECK_FALSE(again->try_run(std::vector<Tensor>{{type, Buffer::own(std::vector<std::byte>(*type.bytes()))}}).ok());
  }
}

TEST_CASE("the log goes to the host's callback", "[load]") {
  std::vector<std::string> lines;
  std::set<LogLevel> levels;
  LoadOptions options;
  options.log = [&](LogLevel level, std::string_view line) {
    levels.insert(level);
    lines.emplace_back(line);
  };
  REQUIRE_FALSE(try_load_graph(made("tfl_cnn_int8"), options).model.empty());
  REQUIRE(lines.size() >= 2);
  CHECK(lines[0].find("TensorFlow Lite") != std::string::npos);
  CHECK(levels.count(LogLevel::info) == 1);
}

TEST_CASE("load_graph throws the whole report", "[load]") {
  try {
    (void)load_graph(unknown_op());
    FAIL("it loads");
  } catch (const LoadError& e) {
    CHECK(e.report().has_errors());
    CHECK(std::string(e.what()).find("CustomQuantizedConv2D") != std::string::npos);
  }
}

TEST_CASE("formats can be forced, and memory is as good as a file", "[load]") {
  LoadOptions options;
  options.format = "tflite";
  CHECK_FALSE(try_load_graph(made("tfl_mlp_int8"), options).model.empty());
  options.format = "nothing";
  CHECK(try_load_graph(made("tfl_mlp_int8"), options).report.has_errors());

  // At an odd address: alignment does not matter.
  const std::vector<std::byte> bytes = test::read_bytes(made("tfl_mlp_int8"));
  std::vector<std::byte> moved(bytes.size() + 1);
  std::memcpy(moved.data() + 1, bytes.data(), bytes.size());
  const LoadResult loaded = try_load_graph(std::span<const std::byte>(moved).subspan(1));
  INFO(loaded.report.to_string());
  CHECK_FALSE(loaded.model.empty());
}

TEST_CASE("budgets end in resource-limit", "[load]") {
  LoadOptions options;
  options.budgets.nodes = 2;
  const LoadResult nodes = try_load_graph(made("tfl_cnn_int8"), options);
  REQUIRE(nodes.report.has_errors());
  CHECK(nodes.report.diagnostics[0].cause == Cause::resource_limit);
  options = {};
  options.budgets.file_bytes = 100;
  const LoadResult file = try_load_graph(made("tfl_cnn_int8"), options);
  REQUIRE(file.report.has_errors());
  CHECK(file.report.diagnostics[0].cause == Cause::resource_limit);
}

TEST_CASE("registering handlers: duplicates, replacing, near names, dtypes", "[load]") {
  Registry registry = Registry::with_builtins();
  const auto handler = [](std::string op, DType dtype) {
    Handler h;
    h.op = std::move(op);
    h.dtype = dtype;
    h.lower = [](const SourceNode& n, GraphBuilder&) -> Result<Outputs> { return Outputs{n.input(0)}; };
    return h;
  };
  CHECK(registry.add(handler("Mystery", DType::qint8)).ok());
  const Status twice = registry.add(handler("Mystery", DType::qint8));
  REQUIRE_FALSE(twice.ok());
  CHECK(twice.error().diagnostics[0].cause == Cause::duplicate_definition);
  CHECK(registry.add(handler("Mystery", DType::qint8), true).ok());
  CHECK(registry.find({.op = "Mystery", .dtype = DType::qint8}).ok());
  CHECK(registry.find({.op = "Mystery", .dtype = DType::int8}).ok());  // a bare int8 where no handler has int8 itself

  const auto other = registry.find({.op = "Mystery", .dtype = DType::float32});
  REQUIRE_FALSE(other.ok());
  CHECK(other.error().diagnostics[0].cause == Cause::unsupported_dtype);
  CHECK(other.error().diagnostics[0].expected == "qint8");

  const auto miss = registry.find({.op = "CONV_2DD", .domain = "tflite"});
  REQUIRE_FALSE(miss.ok());
  CHECK(miss.error().diagnostics[0].cause == Cause::unknown_op);
  REQUIRE_FALSE(miss.error().diagnostics[0].evidence.empty());
  CHECK(miss.error().diagnostics[0].evidence[0].find("CONV_2D") != std::string::npos);

  Handler builtin = handler("CONV_2D", DType::unknown);
  builtin.domain = "tflite";
  CHECK_FALSE(registry.add(builtin).ok());
  CHECK(registry.add(builtin, true).ok());
  CHECK(Registry().ops().empty());
}

}  // namespace qgraph
