// How a report looks, and that every code has a page.
#include "diagnose/render.hpp"

#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "diagnose/rule.hpp"
#include "qgraph/check.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"

using namespace qgraph;

namespace {

Report sample() {
  Diagnostic d{.code = "QG3101", .severity = Severity::error, .cause = Cause::dtype_contradiction};
  d.headline = "weights of 'conv0' hold 1-byte values but are declared float32";
  d.places.push_back({.node_index = 12, .node_name = "conv0", .op = "Conv", .tensor = "w", .tensor_index = 4, .input = 1});
  d.places.push_back({.node_index = 13, .node_name = "conv1", .op = "Conv", .tensor = "w2", .tensor_index = 6, .input = 1});
  d.places.push_back({.node_index = 14, .node_name = "conv2", .op = "Conv", .tensor = "w3", .tensor_index = 8, .input = 1});
  d.expected = "int8";
  d.found = "float32";
  d.evidence = {"declared  float32[4,3,3,3], 432 bytes", "stored    108 bytes: exactly one for each element"};
  d.why = "the quantizer replaced the bytes and left the declared dtype as it was";
  d.fix = Fix{.id = "relabel-int8", .confidence = Confidence::likely, .description = "read 'w' as int8 with scale 0.0217"};
  d.consequences.push_back({.code = "QG2102",
                            .severity = Severity::error,
                            .cause = Cause::unsupported_dtype,
                            .headline = "conv0 takes no float32 weights"});
  return {.model = "model.onnx", .format = "onnx", .diagnostics = {d}};
}

}  // namespace

TEST_CASE("text for a terminal") {
  CHECK(sample().to_string() == R"(error[QG3101]: weights of 'conv0' hold 1-byte values but are declared float32
  --> model.onnx, node 12 'conv0' (Conv), input 1 'w'
   |  declared  float32[4,3,3,3], 432 bytes
   |  stored    108 bytes: exactly one for each element
   = why: the quantizer replaced the bytes and left the declared dtype as it was
   = also at: 2 more tensors (-v lists them)
   = this causes 1 further problem
  fix (likely): read 'w' as int8 with scale 0.0217
       qgraph fix model.onnx -o fixed.onnx --only QG3101
  explain: qgraph explain QG3101
)");
}

TEST_CASE("-v lists places and consequences; colour only adds escapes") {
  const std::string all = diagnose::render_text(sample(), {.all_places = true});
  CHECK(all.find("       node 14 'conv2' (Conv), input 1 'w3'\n") != std::string::npos);
  CHECK(all.find("error[QG2102]: conv0 takes no float32 weights") != std::string::npos);
  const std::string coloured = diagnose::render_text(sample(), {.colour = true});
  CHECK(coloured != sample().to_string());
  CHECK(std::regex_replace(coloured, std::regex("\x1b\\[[0-9;]*m"), "") == sample().to_string());
}

TEST_CASE("JSON has the contract's fields, absent things null") {
  const auto json = nlohmann::json::parse(diagnose::render_json(sample(), true), nullptr, false);
  REQUIRE(json.is_object());
  CHECK(json["model"] == "model.onnx");
  CHECK(json["format"] == "onnx");
  CHECK(json["loadable"] == true);
  const auto& d = json["diagnostics"][0];
  CHECK(d["code"] == "QG3101");
  CHECK(d["severity"] == "error");
  CHECK(d["cause"] == "dtype-contradiction");
  CHECK(d["message"] == sample().diagnostics[0].headline);
  CHECK(d["places"][0]["node"]["index"] == 12);
  CHECK(d["places"][0]["node"]["name"] == "conv0");
  CHECK(d["places"][0]["node"]["op"] == "Conv");
  CHECK(d["places"][0]["tensor"] == "w");
  CHECK(d["places"][0]["tensor_index"] == 4);
  CHECK(d["places"][0]["attribute"].is_null());
  CHECK(d["expected"] == "int8");
  CHECK(d["found"] == "float32");
  CHECK(d["fix"]["id"] == "relabel-int8");
  CHECK(d["fix"]["confidence"] == "likely");
  CHECK(d["fix"]["max_change"].is_null());
  CHECK(d["fix"]["description"] == "read 'w' as int8 with scale 0.0217");
  Report bare{.model = "m", .diagnostics = {{.code = "QG1001", .headline = "x\xff"}}};
  const auto empty = nlohmann::json::parse(diagnose::render_json(bare, false), nullptr, false);
  REQUIRE(empty.is_object());
  CHECK(empty["format"].is_null());
  CHECK(empty["diagnostics"][0]["fix"].is_null());
  CHECK(empty["diagnostics"][0]["places"].empty());
}

TEST_CASE("SARIF names the rule and the logical places") {
  const Report report = sample();
  const auto json = nlohmann::json::parse(diagnose::render_sarif(std::span(&report, 1)), nullptr, false);
  REQUIRE(json.is_object());
  const auto& run = json["runs"][0];
  const auto& result = run["results"][0];
  CHECK(result["level"] == "error");
  CHECK(run["tool"]["driver"]["rules"][result["ruleIndex"].get<std::size_t>()]["id"] == "QG3101");
  CHECK(result["locations"][0]["logicalLocations"][0]["name"] == "conv0");
}

TEST_CASE("codes are unique, and every code of the sources has a page") {
  std::set<std::string> known;
  for (const auto& [code, title] : codes()) {
    CHECK(known.insert(code).second);
    CHECK(!title.empty());
    CHECK(explain(code)->size() > 80);
  }
  CHECK(!explain("QG0000"));
  const std::regex code("\"(QG[0-9]{4})\"");
  for (const auto& file : test::list_files(test::tests_folder().parent_path() / "src", ".cpp", true)) {
    if (file.string().find("/cli/") != std::string::npos) continue;
    const std::string text = test::read_text(file);
    for (std::sregex_iterator it(text.begin(), text.end(), code), end; it != end; ++it) {
      INFO(file);
      INFO((*it)[1].str());
      CHECK(known.contains((*it)[1].str()));
    }
  }
}
