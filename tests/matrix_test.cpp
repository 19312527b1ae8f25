// Every case of tests/ops on every kernel set and number of threads. QGRAPH_CASES=add/int8 runs those whose name contains it.
#include <cstdlib>

#include "support/case.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"

namespace qgraph::test {
namespace {

std::vector<Case> selected_cases() {
  const char* part = std::getenv("QGRAPH_CASES");
  std::vector<Case> all;
  for (const auto& file : list_files(tests_folder() / "ops", ".json"))
    for (Case& c : read_cases(file))
      if (part == nullptr || c.name.find(part) != std::string::npos) all.push_back(std::move(c));
  return all;
}

bool reports(const Report& report, const std::string& code) {
  for (const Diagnostic& d : report.diagnostics)
    if (d.code == code) return true;
  return false;
}

TEST_CASE("every case gives the outputs that its source states", "[matrix]") {
  const std::vector<Case> cases = selected_cases();
  REQUIRE_FALSE(cases.empty());
  for (const Case& c : cases) {
    CAPTURE(c.name, c.by);
    const LoadResult loaded = try_load_graph(std::span<const std::byte>(c.model));
    if (!c.code.empty()) {
      CHECK(loaded.model.empty());
      INFO(loaded.report.to_string());
      CHECK(reports(loaded.report, c.code));
      continue;
    }
    if (loaded.model.empty()) {
      FAIL_CHECK(loaded.report.to_string());
      continue;
    }
    for (const Kernels kernels : {Kernels::reference, Kernels::fast})
      for (const int threads : {1, 3}) {
        if (kernels == Kernels::reference && threads > 1) continue;
        INFO((kernels == Kernels::fast ? "fast" : "reference") << " kernels, " << threads << " threads");
        CHECK(run_case(loaded.model, c, {.threads = threads, .kernels = kernels}) == "");
      }
  }
}

TEST_CASE("a case that is wrong is seen to be wrong", "[matrix]") {
  Case c = read_cases(tests_folder() / "ops" / "add.json").at(0);
  const LoadResult loaded = try_load_graph(std::span<const std::byte>(c.model));
  REQUIRE_FALSE(loaded.model.empty());
  Tensor& output = c.runs.at(0).outputs.at(0);
  std::vector<float> values(output.values<float>().begin(), output.values<float>().end());
  values[1] += 0.01F;
  output = Tensor(DType::float32, output.type.shape, std::span<const float>(values));
  CHECK(run_case(loaded.model, c, {}).find("element 1 is off") != std::string::npos);
}

}  // namespace
}  // namespace qgraph::test
