// tests/diagnostics/<CODE>/*.tflite: one fault each; the .json beside says what must be said of it (tools/damaged_cases.py).
#include <nlohmann/json.hpp>

#include "qgraph/check.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"

using namespace qgraph;

namespace {

const std::filesystem::path& folder() {
  static const std::filesystem::path path = test::tests_folder() / "diagnostics";
  return path;
}

std::string text_or_none(const nlohmann::json& value) { return value.is_string() ? value.get<std::string>() : std::string(); }

std::string said(const Report& report) { return report.diagnostics.empty() ? "nothing" : report.to_string(); }

}  // namespace

TEST_CASE("each fault is found at its place, and nothing else is said") {
  std::size_t seen = 0;
  for (const auto& expected_file : test::list_files(folder(), ".json", true)) {
    auto model = expected_file;
    model.replace_extension(".tflite");
    const auto expected = nlohmann::json::parse(test::read_text(expected_file), nullptr, false);
    const CheckResult result = check(model);
    INFO(expected_file.string() << ":\n" << said(result.report));
    REQUIRE(expected.is_object());
    ++seen;
    std::vector<const Diagnostic*> told;
    for (const Diagnostic& d : result.report.diagnostics)
      if (d.severity != Severity::note) told.push_back(&d);
    CHECK(result.loadable == expected["loadable"].get<bool>());
    CHECK(told.size() == 1);
    if (told.empty()) continue;
    const Diagnostic& d = *told[0];
    CHECK(d.code == expected["code"].get<std::string>());
    CHECK(name(d.cause) == expected["cause"].get<std::string>());
    CHECK(name(d.severity) == expected["severity"].get<std::string>());
    CHECK((d.fix ? std::string(name(d.fix->confidence)) : "") == text_or_none(expected["fix"]));
    CHECK(!d.why.empty());
    CHECK(!d.places.empty());
    if (d.places.empty()) continue;
    if (expected["node"].is_number()) CHECK(d.places[0].node_index == expected["node"].get<std::int64_t>());
    if (expected["tensor"].is_string()) CHECK(d.places[0].tensor == expected["tensor"].get<std::string>());
    CHECK(d.places[0].attribute == text_or_none(expected["attribute"]));
  }
  CHECK(seen >= 20);
}

TEST_CASE("of the sound model nothing is said") {
  const CheckResult result = check(folder() / "sound.tflite");
  INFO(said(result.report));
  CHECK(result.report.diagnostics.empty());
  CHECK(result.loadable);
}

TEST_CASE("a fault of many tensors is one diagnostic, also where lowering would stumble over each") {
  // What load_graph says is what check says, except for mends that it has applied.
  for (const char* model : {"QG4020/weights_without_data.tflite", "QG2001/custom_op.tflite", "QG4022/own_output.tflite"}) {
    const LoadResult result = try_load_graph(folder() / model);
    INFO(model << ":\n" << said(result.report));
    CHECK(result.model.empty());
    CHECK(result.report.count(Severity::error) == 1);
  }
}

TEST_CASE("safe mends are applied by loading, and told") {
  for (const char* model :
       {"QG2010/version_99.tflite", "QG3104/wrong_axis.tflite", "QG4023/reshape_first.tflite", "QG4202/overflow.tflite"}) {
    const LoadResult result = try_load_graph(folder() / model);
    INFO(model << ":\n" << said(result.report));
    CHECK(!result.model.empty());
    CHECK(!result.report.has_errors());
    CHECK(result.report.count(Severity::warning) >= 1);
    const LoadResult strict = try_load_graph(folder() / model, {.apply_fixes = false});
    CHECK(strict.report.count(Severity::error) + strict.report.count(Severity::warning) >= 1);
  }
}
