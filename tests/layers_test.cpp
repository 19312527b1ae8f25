// The directions of #include between the layers, as docs/architecture.md has them:
//   core <- {source, graph, kernels}; graph <- ops; {source, ops} <- {formats, diagnose, convert} <- load; {ops, kernels} <-
//   runtime; all <- {cli, capi}
// and the promises about public headers.
#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "support/catch.hpp"
#include "support/files.hpp"

namespace qgraph::test {
namespace {

namespace fs = std::filesystem;

/// What a layer may include besides itself; whatever those may include is allowed too.
const std::map<std::string, std::set<std::string>> below{
    {"core", {}},
    {"source", {"core"}},
    {"graph", {"core"}},
    {"kernels", {"core"}},
    {"ops", {"graph"}},
    {"formats", {"source", "ops", "diagnose"}},
    {"diagnose", {"source", "ops"}},
    {"convert", {"source", "ops"}},
    {"load", {"formats", "diagnose", "convert"}},
    {"runtime", {"ops", "kernels"}},
    {"cli", {"load", "runtime"}},
    {"capi", {"load", "runtime"}},
};

std::set<std::string> reachable(const std::string& layer) {
  std::set<std::string> all{layer};
  if (const auto at = below.find(layer); at != below.end())
    for (const std::string& next : at->second) all.merge(reachable(next));
  return all;
}

/// The words between quotes of each #include "...".
std::vector<std::string> quoted_includes(const std::string& text) {
  std::vector<std::string> names;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("#include \"", 0) != 0) continue;
    names.push_back(line.substr(10, line.find('"', 10) - 10));
  }
  return names;
}

std::vector<fs::path> sources(const fs::path& folder) {
  std::vector<fs::path> files = list_files(folder, ".cpp", true);
  const std::vector<fs::path> headers = list_files(folder, ".hpp", true);
  files.insert(files.end(), headers.begin(), headers.end());
  return files;
}

std::vector<std::string> wrong_includes(const std::string& layer, const std::string& text) {
  const std::set<std::string> allowed = reachable(layer);
  std::vector<std::string> wrong;
  for (const std::string& name : quoted_includes(text)) {
    const std::string other = name.substr(0, name.find('/'));
    // A Graph's nodes point at their OpDef: what an op is belongs to the graph, what single ops do lies above it.
    if (layer == "graph" && name == "ops/op_def.hpp") continue;
    if (below.contains(other) && name.find('/') != std::string::npos && !allowed.contains(other)) wrong.push_back(name);
  }
  return wrong;
}

TEST_CASE("includes follow the layers", "[layers]") {
  const fs::path src = tests_folder().parent_path() / "src";
  std::size_t seen = 0;
  for (const fs::path& file : sources(src)) {
    const fs::path relative = file.lexically_relative(src);
    const std::string layer = relative.begin()->string();
    CAPTURE(relative.string());
    REQUIRE(below.contains(layer));
    ++seen;
    CHECK(wrong_includes(layer, read_text(file)) == std::vector<std::string>{});
  }
  CHECK(seen > 20);
}

TEST_CASE("a wrong include is seen", "[layers]") {
  CHECK(wrong_includes("core", "#include \"ops/kernel.hpp\"\n") == std::vector<std::string>{"ops/kernel.hpp"});
  CHECK(wrong_includes("runtime", "#include \"ops/kernel.hpp\"\n#include \"qgraph/graph.hpp\"\n").empty());
  CHECK(wrong_includes("graph", "#include \"source/edits.hpp\"\n").size() == 1);
}

TEST_CASE("public headers are short and free of third parties", "[layers]") {
  const fs::path folder = tests_folder().parent_path() / "include" / "qgraph";
  const auto headers = list_files(folder, ".hpp");
  REQUIRE(headers.size() > 5);
  for (const fs::path& file : headers) {
    CAPTURE(file.filename().string());
    const std::string text = read_text(file);
    CHECK(std::ranges::count(text, '\n') < 300);
    for (const std::string& name : quoted_includes(text)) CHECK(name.rfind("qgraph/", 0) == 0);
    for (const char* other : {"<Eigen", "<flatbuffers", "<spdlog", "<nlohmann", "<fmt", "<CLI"})
      CHECK(text.find(std::string("#include ") + other) == std::string::npos);
  }
}

TEST_CASE("no file is longer than 600 lines", "[layers]") {
  for (const fs::path& file : sources(tests_folder().parent_path() / "src")) {
    CAPTURE(file.string());
    const std::string text = read_text(file);
    CHECK(std::ranges::count(text, '\n') <= 600);
  }
}

}  // namespace
}  // namespace qgraph::test
