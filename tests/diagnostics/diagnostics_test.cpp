// tests/diagnostics/<CODE>/*.tflite and *.onnx: one fault each; the .json beside says what must be said of it
// (tools/damaged_cases.py, tools/damaged_onnx_cases.py). tests/diagnostics/several: independent faults in one model.
#include <nlohmann/json.hpp>

#include "qgraph/check.hpp"
#include "qgraph/fix.hpp"
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

/// Every damaged model with its expectations: "NAME.tflite.json" or, of TFLite, "NAME.json".
struct Case {
  std::filesystem::path model{};
  nlohmann::json expected{};
};
std::vector<Case> cases(bool several) {
  std::vector<Case> list;
  for (const auto& file : test::list_files(folder(), ".json", true)) {
    auto model = file;
    model.replace_extension("");
    if (model.extension() != ".onnx" && model.extension() != ".tflite") model += ".tflite";
    Case c{model, nlohmann::json::parse(test::read_text(file), nullptr, false)};
    if (c.expected.is_object() && c.expected.contains("all") == several) list.push_back(std::move(c));
  }
  return list;
}

bool told_at(const Report& report, const std::string& code, const nlohmann::json& expected) {
  for (const Diagnostic& d : report.diagnostics) {
    if (d.code != code) continue;
    for (const Place& p : d.places) {
      if (expected["node"].is_number() && p.node_index == expected["node"].get<std::int64_t>()) return true;
      if (expected["tensor"].is_string() && p.tensor == expected["tensor"].get<std::string>()) return true;
    }
    if (!expected["node"].is_number() && !expected["tensor"].is_string()) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("each fault is found at its place, and nothing else is said") {
  std::size_t seen = 0;
  for (const auto& [model, expected] : cases(false)) {
    const CheckResult result = check(model);
    INFO(model.string() << ":\n" << said(result.report));
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
  CHECK(seen >= 70);
}

TEST_CASE("of the sound models nothing is said") {
  // The second has annotations of its tensors.
  for (const char* model : {"sound.tflite", "sound_buffer_0.tflite", "sound.onnx", "sound_qlinear.onnx"}) {
    const CheckResult result = check(folder() / model);
    INFO(model << ":\n" << said(result.report));
    CHECK(result.report.diagnostics.empty());
    CHECK(result.loadable);
  }
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

TEST_CASE("independent faults of one model are all named in one run") {
  std::size_t seen = 0;
  for (const auto& [model, expected] : cases(true)) {
    const CheckResult result = check(model);
    INFO(model.string() << ":\n" << said(result.report));
    ++seen;
    for (const auto& one : expected["all"]) {
      INFO(one.dump());
      CHECK(told_at(result.report, one["code"].get<std::string>(), one));
    }
    // Nothing but them, neither warnings nor errors.
    std::size_t told = 0;
    for (const Diagnostic& d : result.report.diagnostics) told += d.severity != Severity::note ? 1U : 0U;
    CHECK(told == expected["all"].size());
  }
  CHECK(seen >= 14);
}

TEST_CASE("what can be mended is sound then, and mending it again changes nothing") {
  std::size_t mended = 0, errors_left = 0;
  for (const bool several : {false, true})
    for (const auto& [model, expected] : cases(several)) {
      const FixResult once = fix(model);
      INFO(model.string() << ":\n" << said(once.report));
      if (once.applied.empty()) continue;
      if (!several) {
        CHECK_FALSE(once.report.has_errors());
        CHECK(once.loadable);
        ++mended;
      }
      errors_left += once.report.has_errors() ? 1 : 0;
      for (const AppliedFix& a : once.applied) CHECK_FALSE(a.changes.empty());
      const FixResult twice = fix(std::span<const std::byte>(once.bytes));
      CHECK(twice.applied.empty());
      CHECK(twice.bytes == once.bytes);
    }
  CHECK(mended >= 45);
  CHECK(errors_left >= 1);  // of several faults some need what is not in the file
}

TEST_CASE("the bound of a mend is that of the output, and missing where weights behind decide") {
  const auto bound_of = [](const char* model) {
    const FixResult r = fix(folder() / model);
    REQUIRE(r.applied.size() == 1);
    REQUIRE(r.applied[0].diagnostic.fix);
    return r.applied[0].diagnostic.fix->max_change;
  };
  // Half a step of the bias (input scale 0.2, largest weight scale 0.018), a step of the sum's rounding, and one of the
  // softmax's.
  const auto last = bound_of("QG3109/float_bias_at_the_end.tflite");
  REQUIRE(last);
  CHECK(*last == Approx(0.2 * 0.018 / 2 + 0.3 + 1.0 / 256).epsilon(1e-5));
  CHECK_FALSE(bound_of("QG3109/float_bias.tflite"));
  CHECK(bound_of("QG3104/wrong_axis.tflite") == 0.0);
}
