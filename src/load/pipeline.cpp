// sniff, read, check, mend, lower.
#include "load/pipeline.hpp"

#include <spdlog/fmt/fmt.h>
#include <spdlog/logger.h>

#include <algorithm>

#include "core/log.hpp"
#include "core/mapped_file.hpp"
#include "load/kernel_gaps.hpp"
#include "load/shape_disagreement.hpp"

namespace qgraph {
namespace {

void add_report(diagnose::Findings& findings, Report report) {
  for (Diagnostic& d : report.diagnostics) findings.add({.diagnostic = std::move(d), .breaks = {diagnose::Fact::file()}});
}

Opened read(Buffer file, const std::filesystem::path& path, const LoadOptions& options) {
  Opened o{.file = file};
  o.format = options.format.empty() ? sniff(file.bytes, path, &o.findings) : find_format(options.format);
  if (!o.format) {
    if (o.findings.list().empty())
      add_report(o.findings,
                 failure("QG1001", Cause::unreadable_file,
                         options.format.empty() ? std::string("the bytes are of no format that is known here")
                                                : fmt::format("there is no format '{}' in this build", options.format)));
    return o;
  }
  ReadContext context{.file = file, .path = path, .budgets = &options.budgets, .findings = &o.findings};
  if (o.format->read) o.source = o.format->read(context);
  if (o.source) {
    o.source->op_rows = o.format->ops;
    o.source->file = file;
    o.source->path = path.string();
    return o;
  }
  if (o.format->read_graph && !o.findings.any_error()) {
    Result<Model> graph = o.format->read_graph(context);
    if (graph)
      o.graph = *std::move(graph);
    else
      add_report(o.findings, std::move(graph).error());
  }
  return o;
}

}  // namespace

const Registry& registry_of(const LoadOptions& options) {
  static const Registry builtins = Registry::with_builtins();
  return options.registry ? *options.registry : builtins;
}

Opened open_model(const std::filesystem::path& path, const LoadOptions& options) {
  Result<Buffer> file = map_file(path, options.budgets.file_bytes);
  if (file) return read(*std::move(file), path, options);
  Opened o;
  add_report(o.findings, std::move(file).error());
  return o;
}

Opened open_model(Buffer bytes, const std::filesystem::path& path, const LoadOptions& options) {
  return read(std::move(bytes), path, options);
}

Opened open_model(std::span<const std::byte> bytes, const LoadOptions& options) {
  return read(Buffer::borrow(bytes), {}, options);
}

namespace {

/// What lowering finds in the model as mended: its rules' findings stand already, and a mended fault has no consequences.
std::optional<Model> dry_run(const source::Model& stored, const diagnose::Findings& reader, const LoadOptions& options,
                             bool read_data, diagnose::Findings& findings) {
  const Registry& registry = registry_of(options);
  const bool mendable = std::ranges::any_of(findings.list(), [](const diagnose::Finding& f) { return !f.edits.empty(); });
  source::Model mended = stored;
  diagnose::Findings left = findings;
  if (mendable) left = diagnose::mend(mended, reader, registry, options, read_data, {.least = Confidence::likely}).left;
  const std::size_t known = left.list().size();
  Lowered lowered = lower(mended, registry, options, left);
  report_shapes(mended, lowered.shapes, left);
  if (lowered.model) report_kernel_gaps(*lowered.model, mended, left);
  for (std::size_t i = known; i < left.list().size(); ++i) findings.add(std::move(left.list()[i]));
  return std::move(lowered.model);
}

}  // namespace

Analysis analyse(const Opened& opened, const LoadOptions& options, bool read_data) {
  Analysis a{.model = opened.graph};
  diagnose::Findings findings = opened.findings;
  if (opened.source) {
    const source::Uses uses(*opened.source);
    run_rules(
        {.model = *opened.source, .uses = uses, .registry = registry_of(options), .options = options, .read_data = read_data},
        findings);
    a.model = dry_run(*opened.source, opened.findings, options, read_data, findings);
  }
  a.findings = diagnose::fold(std::move(findings));
  return a;
}

LoadResult load(Opened opened, const LoadOptions& options, std::string path) {
  LoadResult result;
  const auto log = make_logger(options.log);
  log->info("{}: {} bytes, {}", path, opened.file.bytes.size(), opened.format ? opened.format->title : "no known format");
  std::vector<diagnose::Finding> applied;
  diagnose::Findings findings = std::move(opened.findings);
  if (opened.source) {
    const Registry& registry = registry_of(options);
    const diagnose::MendOptions how{
        .least = options.fix,
        .wanted =
            options.apply_fixes ? nullptr : std::function<bool(const diagnose::Finding&)>([](const auto&) { return false; })};
    diagnose::Mended mended = diagnose::mend(*opened.source, std::move(findings), registry, options, false, how);
    findings = std::move(mended.left);
    applied = std::move(mended.applied);
    if (!findings.any_error()) {
      Lowered lowered = lower(*opened.source, registry, options, findings);
      if (lowered.model) result.model = *std::move(lowered.model);
    }
  } else if (opened.graph) {
    result.model = *std::move(opened.graph);
  }
  for (const diagnose::Finding& f : applied)
    log->warn("{}: {}; mended: {}", f.diagnostic.code, f.diagnostic.headline, f.diagnostic.fix->description);
  std::vector<diagnose::Finding> folded = diagnose::fold(std::move(findings));
  for (diagnose::Finding& f : applied) {
    f.diagnostic.severity = Severity::warning;
    f.diagnostic.why +=
        (f.diagnostic.why.empty() ? "" : "; ") + fmt::format("mended in memory: {}", f.diagnostic.fix->description);
    folded.push_back(std::move(f));
  }
  result.report = diagnose::to_report(opened.source.get(), std::move(folded));
  result.report.model = std::move(path);
  if (opened.format) result.report.format = opened.format->name;
  if (result.report.has_errors()) result.model = {};
  log->info("{}: {}", result.report.model, result.report.summary());
  if (!result.model.empty())
    log->debug("{} graphs, {} nodes in the main one", result.model.graphs().size(), result.model.main().nodes().size());
  return result;
}

}  // namespace qgraph
