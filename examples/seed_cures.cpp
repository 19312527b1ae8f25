// Three graphs that other loaders refuse or misread: what is wrong with each, and how it is cured.
//
//   seed_cures FOLDER
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "qgraph/qgraph.hpp"

using namespace qgraph;

namespace {

std::string read(const std::string& file) {
  std::ifstream in(file);
  return std::string((std::istreambuf_iterator<char>(in)), {});
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

/// Prints the report, and tells whether it has this cause.
bool finds(const std::string& text, Cause cause) {
  const Report report = check(std::as_bytes(std::span(text))).report;
  std::printf("%s\n", report.to_string().c_str());
  for (const Diagnostic& d : report.diagnostics)
    if (d.cause == cause) return true;
  return false;
}

/// Loads and runs on one pixel of three channels. All three graphs are a 1x1 convolution with the weights [-12, 5, 1].
bool gives(const std::string& text, float expected, const LoadOptions& options = {}) {
  const LoadResult loaded = try_load_graph(std::as_bytes(std::span(text)), options);
  if (loaded.model.empty()) return std::printf("%s\n", loaded.report.to_string().c_str()), false;
  Session session(loaded.model);
  const float pixel[] = {1, 2, 3};
  const float got = session.run({Tensor(DType::float32, Shape{1, 1, 1, 3}, std::span<const float>(pixel))})[0].values<float>()[0];
  std::printf("cured: %g\n\n", static_cast<double>(got));
  return std::abs(got - expected) < 1e-5F;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: seed_cures FOLDER\n"), 2;
  const std::string folder = argv[1];

  // 1. The dtype was changed to qint8, and nobody wrote the scale. Cure: the scale.
  const std::string changed = read(folder + "/dtype_changed.json");
  if (!finds(changed, Cause::missing_quantization)) return 1;
  if (!gives(replaced(changed, "\"dtype\"", "\"scale\": 0.5, \"dtype\""), 0.5F * (-12 + 10 + 3))) return 1;

  // 2. An op that no one knows. Cure: a handler.
  const std::string custom = read(folder + "/custom_op.json");
  if (!finds(custom, Cause::unknown_op)) return 1;
  Registry registry = Registry::with_builtins();
  const Status added = registry.add({.op = "CustomQuantizedConv2D",
                                     .dtype = DType::qint8,
                                     .inputs = {"x", "qweights"},
                                     .lower = [](const SourceNode& n, GraphBuilder& g) -> Result<Outputs> {
                                       const Value w =
                                           g.quantized(n.input("qweights"), {.scales = n.floats("scale"), .zero_points = {}});
                                       return g.add("conv_2d", {n.input("x"), w}, conv_attributes(n));
                                     }});
  if (!added || !gives(custom, 0.1F * (-12 + 10 + 3), {.registry = &registry})) return 1;

  // 3. The metadata still say float32, the weights look quantized: a warning, since whole numbers can be floats. As floats they
  // give 1; with the metadata corrected and the scale added they give what was meant.
  const std::string stale = read(folder + "/metadata_not_updated.json");
  if (!finds(stale, Cause::dtype_contradiction) || !gives(stale, -12 + 10 + 3)) return 1;
  const std::string corrected = replaced(replaced(stale, "float32", "int8"), "\"weights\"", "\"scale\": 0.25, \"weights\"");
  return gives(corrected, 0.25F * (-12 + 10 + 3)) ? 0 : 1;
}
