// check(): all rules, also those that read weights, and a dry run of the lowering.
#include "qgraph/check.hpp"

#include "diagnose/rule.hpp"
#include "load/pipeline.hpp"

namespace qgraph {

CheckResult check_opened(Opened opened, const LoadOptions& options, std::string path) {
  CheckResult result;
  Analysis analysis = analyse(opened, options, true);
  result.report = diagnose::to_report(opened.source.get(), std::move(analysis.findings));
  result.report.model = path;
  if (opened.format) result.report.format = opened.format->name;
  // Where something is wrong, loading with its own mends decides.
  result.loadable = result.report.diagnostics.empty() && analysis.model.has_value();
  if (!result.loadable) result.loadable = !load(std::move(opened), options, std::move(path)).model.empty();
  return result;
}

CheckResult check(const std::filesystem::path& file, const LoadOptions& options) {
  return check_opened(open_model(file, options), options, file.string());
}
CheckResult check(std::span<const std::byte> bytes, const LoadOptions& options) {
  return check_opened(open_model(bytes, options), options, "<memory>");
}

}  // namespace qgraph
