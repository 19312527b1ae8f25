// The trained networks of tests/data, with the outputs of the framework that made them.
#include <nlohmann/json.hpp>

#include "support/case.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"
#include "support/round_trip.hpp"

namespace qgraph::test {
namespace {

namespace fs = std::filesystem;

std::vector<Tensor> read_arrays(const fs::path& folder, const std::string& prefix) {
  std::vector<Tensor> arrays;
  for (fs::path file; fs::exists(file = folder / (prefix + std::to_string(arrays.size()) + ".npy"));)
    arrays.push_back(read_npy(file));
  return arrays;
}

TEST_CASE("trained networks give the outputs of the framework that made them", "[corpus]") {
  int models = 0;
  for (const auto& entry : list_files(tests_folder() / "data", ".json", true)) {
    if (entry.filename() != "meta.json") continue;
    const fs::path folder = entry.parent_path();
    const auto meta = nlohmann::json::parse(read_text(entry));
    const fs::path file = folder / meta.value("model", "model.tflite");
    if (!fs::is_regular_file(file) || meta.contains("broken") || !fs::exists(folder / "golden_0.npy")) continue;
    CAPTURE(folder.filename().string());
    ++models;
    const LoadResult loaded = try_load_graph(file);
    if (loaded.model.empty()) {
      FAIL_CHECK(loaded.report.to_string());
      continue;
    }
    Case c{.name = folder.filename().string()};
    if (meta.contains("tolerance")) c.tolerance = meta["tolerance"].get<double>();
    // Each pair of inputs and goldens is one run from the beginning.
    for (const char* which : {"", "2"}) {
      Run run{read_arrays(folder, std::string("in") + which + "_"), read_arrays(folder, std::string("golden") + which + "_")};
      if (run.outputs.empty()) continue;
      c.runs = {std::move(run)};
      for (const Kernels kernels : {Kernels::reference, Kernels::fast})
        CHECK(run_case(loaded.model, c, {.threads = 1, .kernels = kernels}) == "");
    }
    for (const char* extension : {".qg", ".json"}) {
      INFO(extension);
      const LoadResult back = round_trip(loaded.model, extension);
      CHECK(difference(loaded.model, back.model) == "");
      CHECK(run_case(back.model, c, {.threads = 1, .kernels = Kernels::reference}) == "");
    }
  }
  CHECK(models > 0);
}

}  // namespace
}  // namespace qgraph::test
