// load_graph(), try_load_graph().
#include "qgraph/load.hpp"

#include "load/pipeline.hpp"

namespace qgraph {

LoadResult try_load_graph(const std::filesystem::path& file, const LoadOptions& options) {
  return load(open_model(file, options), options, file.string());
}
LoadResult try_load_graph(std::span<const std::byte> bytes, const LoadOptions& options) {
  return load(open_model(bytes, options), options, "<memory>");
}

#if QGRAPH_EXCEPTIONS
namespace {
Model or_throw(LoadResult result) {
  if (result.report.has_errors()) throw LoadError(std::move(result.report));
  return std::move(result.model);
}
}  // namespace

Model load_graph(const std::filesystem::path& file, const LoadOptions& options) {
  return or_throw(try_load_graph(file, options));
}
Model load_graph(std::span<const std::byte> bytes, const LoadOptions& options) {
  return or_throw(try_load_graph(bytes, options));
}
#endif

}  // namespace qgraph
