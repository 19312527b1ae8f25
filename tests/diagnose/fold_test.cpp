// fold(): consequences under causes, the same mistake in many places as one, errors first, file order.
#include "diagnose/rule.hpp"
#include "support/catch.hpp"

using namespace qgraph;
using namespace qgraph::diagnose;

namespace {

Finding make(std::string code, Severity severity, Phase phase, std::int64_t node, std::vector<Fact> rests_on = {},
             std::vector<Fact> breaks = {}) {
  Finding f{};
  f.phase = phase;
  f.diagnostic.code = std::move(code);
  f.diagnostic.severity = severity;
  f.diagnostic.headline = "node " + std::to_string(node);
  f.diagnostic.found = f.diagnostic.headline;
  f.diagnostic.places.push_back({.node_index = node});
  f.rests_on = std::move(rests_on);
  f.breaks = std::move(breaks);
  return f;
}

Fact shape_of(std::uint32_t t) { return Fact::tensor({0, t}, Aspect::shape); }
Fact dtype_of(std::uint32_t t) { return Fact::tensor({0, t}, Aspect::dtype); }

std::vector<std::string> codes_of(const std::vector<Finding>& list) {
  std::vector<std::string> codes;
  for (const Finding& f : list) codes.push_back(f.diagnostic.code);
  return codes;
}

}  // namespace

TEST_CASE("what rests on a broken fact goes under its cause, also at second hand") {
  Findings findings;
  findings.add(make("C", Severity::error, Phase::agreement, 2, {dtype_of(9)}));
  findings.add(make("B", Severity::error, Phase::quantization, 1, {shape_of(1)}, {dtype_of(9)}));
  findings.add(make("A", Severity::error, Phase::sizes, 0, {}, {shape_of(1)}));
  const auto folded = fold(std::move(findings));
  REQUIRE(codes_of(folded) == std::vector<std::string>{"A"});
  const auto& under = folded[0].diagnostic.consequences;
  REQUIRE(under.size() == 2);
  CHECK(under[0].code == "B");
  CHECK(under[1].code == "C");
}

TEST_CASE("another aspect, or another tensor, is no cause") {
  Findings findings;
  findings.add(make("A", Severity::error, Phase::sizes, 0, {}, {shape_of(1)}));
  findings.add(make("B", Severity::error, Phase::quantization, 1, {dtype_of(1)}));
  findings.add(make("C", Severity::error, Phase::quantization, 2, {shape_of(2)}));
  CHECK(fold(std::move(findings)).size() == 3);
}

TEST_CASE("a warning hides no error, an error hides warnings") {
  Findings findings;
  findings.add(make("W", Severity::warning, Phase::sizes, 0, {}, {shape_of(1)}));
  findings.add(make("E", Severity::error, Phase::quantization, 1, {shape_of(1)}, {shape_of(2)}));
  findings.add(make("V", Severity::warning, Phase::agreement, 2, {shape_of(2)}));
  CHECK(codes_of(fold(std::move(findings))) == std::vector<std::string>{"E", "W"});
}

TEST_CASE("what is wrong with the whole file hides the rest") {
  Findings findings;
  findings.add(make("B", Severity::error, Phase::references, 0));
  findings.add(make("A", Severity::error, Phase::bytes, -1, {}, {Fact::file()}));
  const auto folded = fold(std::move(findings));
  REQUIRE(codes_of(folded) == std::vector<std::string>{"A"});
  CHECK(folded[0].diagnostic.consequences.size() == 1);
}

TEST_CASE("the same code with the same wrong value is one diagnostic with many places in file order") {
  Findings findings;
  for (std::int64_t node : {1, 3, 5}) {
    Finding f = make("A", Severity::error, Phase::sizes, node);
    f.diagnostic.found = "float32";
    f.diagnostic.fix = Fix{.id = "relabel", .confidence = Confidence::likely, .max_change = static_cast<double>(node)};
    f.edits.push_back(source::SetDType{{0, static_cast<std::uint32_t>(node)}, DType::int8});
    findings.add(std::move(f));
  }
  Finding other = make("A", Severity::error, Phase::sizes, 2);
  other.diagnostic.found = "int32";
  findings.add(std::move(other));
  const auto folded = fold(std::move(findings));
  REQUIRE(folded.size() == 2);
  const Diagnostic& d = folded[0].diagnostic;
  CHECK(d.headline == "node 1");
  REQUIRE(d.places.size() == 3);
  CHECK(d.places[1].node_index == 3);
  CHECK(d.places[2].node_index == 5);
  CHECK(d.fix->max_change == 5.0);
  CHECK(folded[0].edits.size() == 3);
  CHECK(folded[1].diagnostic.places[0].node_index == 2);
}

TEST_CASE("of mends that move nodes only the first is kept: the others hold for another order") {
  Findings findings;
  for (std::int64_t node : {1, 3}) {
    Finding f = make("A", Severity::warning, Phase::references, node);
    f.diagnostic.found = "unsorted";
    f.edits.push_back(source::MoveNode{{0, static_cast<std::uint32_t>(node)}, 0});
    findings.add(std::move(f));
  }
  const auto folded = fold(std::move(findings));
  REQUIRE(folded.size() == 1);
  CHECK(folded[0].edits.size() == 1);
}

TEST_CASE("errors first, then file order; the order of finding does not show") {
  const auto build = [](const std::vector<int>& order) {
    Findings findings;
    for (int i : order) {
      if (i == 0) findings.add(make("W", Severity::warning, Phase::references, 0));
      if (i == 1) findings.add(make("E7", Severity::error, Phase::ops, 7));
      if (i == 2) findings.add(make("E2", Severity::error, Phase::agreement, 2));
      if (i == 3) findings.add(make("N", Severity::note, Phase::references, 1));
    }
    return codes_of(fold(std::move(findings)));
  };
  const std::vector<std::string> expected{"E2", "E7", "W", "N"};
  CHECK(build({0, 1, 2, 3}) == expected);
  CHECK(build({3, 2, 1, 0}) == expected);
}
