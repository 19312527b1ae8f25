// fix(): mends a copy of what the file holds, and writes the edits into the file's bytes.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "load/pipeline.hpp"
#include "qgraph/fix.hpp"

namespace qgraph {
namespace {

using source::TensorRef;

/// The site that the name means: of a tensor with its parameters beside it, or of a value that a node quantizes or dequantizes.
std::optional<std::pair<std::size_t, TensorRef>> site_named(const source::Model& model, std::string_view tensor) {
  for (std::size_t s = 0; s < model.sites.size(); ++s)
    for (const TensorRef t : {model.sites[s].stored, model.sites[s].real})
      if (t && model.display_name(t) == tensor) return std::pair{s, t};
  for (std::uint32_t g = 0; g < model.graphs.size(); ++g)
    for (std::uint32_t t = 0; t < model.graphs[g].tensors.size(); ++t)
      if (model.display_name(TensorRef{g, t}) == tensor) return std::pair{model.sites.size(), TensorRef{g, t}};
  return std::nullopt;
}

Quantization quantization_of(const source::Model& model, std::size_t site) {
  Quantization q;
  if (site >= model.sites.size()) return q;
  const source::QuantizationSite& s = model.sites[site];
  for (const double v : s.scales.values) q.scales.push_back(static_cast<float>(v));
  for (const double v : s.zero_points.values) q.zero_points.push_back(std::isfinite(v) ? std::llround(v) : 0);
  q.axis = s.axis;
  q.block_size = s.block_size;
  return q;
}

/// The edit that a given value stands for; a report where it fits nothing.
Result<source::Edit> edit_of(const source::Model& model, const GivenValue& given) {
  const auto unfit = [&](std::string_view why) {
    return failure("QG3210", Cause::invalid_quantization, fmt::format("cannot set {} of '{}'", given.what, given.tensor),
                   std::string(why));
  };
  const auto at = site_named(model, given.tensor);
  if (!at) return unfit("no tensor has this name");
  if (given.values.empty()) return unfit("no value is given");
  Quantization q = quantization_of(model, at->first);
  if (given.what == "scale") {
    if (!std::ranges::all_of(given.values, [](double v) { return std::isfinite(v) && v > 0; }))
      return unfit("a scale is positive");
    q.scales.assign(given.values.begin(), given.values.end());
    if (q.zero_points.size() > 1 && q.zero_points.size() != q.scales.size())
      q.zero_points.erase(q.zero_points.begin() + 1, q.zero_points.end());
    if (q.scales.size() == 1) q.axis = -1;
  } else if (given.what == "zero_point") {
    q.zero_points.clear();
    for (const double v : given.values) {
      if (v != std::trunc(v) || std::fabs(v) > 2147483648.0) return unfit("a zero point is a whole number");
      q.zero_points.push_back(std::llround(v));
    }
  } else if (given.what == "axis") {
    if (given.values.size() != 1 || given.values[0] != std::trunc(given.values[0]) || std::fabs(given.values[0]) > 64)
      return unfit("an axis is the number of a dimension");
    q.axis = static_cast<int>(given.values[0]);
  } else {
    return unfit("what can be set is scale, zero_point or axis");
  }
  return source::Edit(source::SetQuantization{.site = at->first, .tensor = at->second, .quantization = std::move(q)});
}

/// Sets what is given; false, and the reason in the report, where one fits nothing.
bool set_given(source::Model& model, const std::vector<GivenValue>& given, std::vector<source::Edit>& edits, FixResult& result) {
  for (const GivenValue& g : given) {
    Result<source::Edit> edit = edit_of(model, g);
    if (!edit) {
      result.report = std::move(edit).error();
      return false;
    }
    AppliedFix applied;
    Diagnostic& d = applied.diagnostic;
    d.code = "QG3210";
    d.severity = Severity::note;
    d.cause = Cause::missing_quantization;
    d.headline = fmt::format("the {} of '{}' is given", g.what, g.tensor);
    d.places = {model.place(std::get_if<source::SetQuantization>(&*edit)->tensor)};
    d.fix = Fix{
        .id = "given", .confidence = Confidence::needs_input, .description = fmt::format("set the {} that was given", g.what)};
    applied.changes = {source::describe(model, *edit)};
    source::apply(model, *edit);
    edits.push_back(*std::move(edit));
    result.applied.push_back(std::move(applied));
  }
  return true;
}

/// The bytes with the edits made: patched into the file's own, or, where the format has no patch, written from the mended graph.
Result<std::vector<std::byte>> bytes_with(const Opened& opened, const source::Model& mended, std::span<const source::Edit> edits,
                                          const LoadOptions& options) {
  const std::span<const std::byte> file = opened.file.bytes;
  if (edits.empty()) return std::vector<std::byte>(file.begin(), file.end());
  if (opened.format->patch) return opened.format->patch(*opened.source, edits);
  if (opened.format->write) {
    diagnose::Findings findings;
    const Lowered lowered = lower(mended, registry_of(options), options, findings);
    if (lowered.model && !findings.any_error()) return opened.format->write(*lowered.model);
  }
  return failure("QG1017", Cause::unreadable_file,
                 fmt::format("the changes cannot be written into the file: {} is only read here", opened.format->title));
}

FixResult fix(Opened opened, const FixOptions& options, const std::filesystem::path& path, const std::string& called) {
  FixResult result;
  if (!opened.source) {
    // Nothing to edit: not readable, or a format whose files hold a canonical graph, which contradicts nothing.
    if (opened.graph) result.bytes.assign(opened.file.bytes.begin(), opened.file.bytes.end());
    CheckResult checked = check_opened(std::move(opened), options.load, called);
    result.report = std::move(checked.report);
    result.loadable = checked.loadable;
    return result;
  }
  source::Model mended = *opened.source;
  std::vector<source::Edit> edits;
  if (!set_given(mended, options.given, edits, result)) {
    result.report.model = called;
    return result;
  }
  diagnose::MendOptions how{.least = options.least, .wanted = {}, .account = true};
  if (!options.only.empty())
    how.wanted = [&](const diagnose::Finding& f) {
      return std::ranges::find(options.only, f.diagnostic.code) != options.only.end();
    };
  diagnose::Mended done = diagnose::mend(mended, opened.findings, registry_of(options.load), options.load, true, how);
  for (std::size_t i = 0; i < done.applied.size(); ++i) {
    std::ranges::copy(done.applied[i].edits, std::back_inserter(edits));
    result.applied.push_back({.diagnostic = std::move(done.applied[i].diagnostic), .changes = std::move(done.accounts[i])});
  }
  Result<std::vector<std::byte>> bytes = bytes_with(opened, mended, edits, options.load);
  if (!bytes) {
    CheckResult checked = check_opened(std::move(opened), options.load, called);
    result.report = std::move(checked.report);
    std::ranges::move(bytes.error().diagnostics, std::back_inserter(result.report.diagnostics));
    result.loadable = checked.loadable;
    result.applied.clear();
    return result;
  }
  result.bytes = *std::move(bytes);
  CheckResult checked = check_opened(open_model(Buffer::borrow(result.bytes), path, options.load), options.load, called);
  result.report = std::move(checked.report);
  result.loadable = checked.loadable;
  return result;
}

}  // namespace

FixResult fix(const std::filesystem::path& file, const FixOptions& options) {
  return fix(open_model(file, options.load), options, file, file.string());
}
FixResult fix(std::span<const std::byte> bytes, const FixOptions& options) {
  return fix(open_model(bytes, options.load), options, {}, "<memory>");
}

}  // namespace qgraph
