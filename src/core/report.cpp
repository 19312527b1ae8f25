// Words and counts of reports. How a report looks is diagnose/render_text.cpp.
#include "qgraph/report.hpp"

#include <array>

#include "qgraph/result.hpp"

namespace qgraph {
namespace {

constexpr std::array<std::string_view, 20> cause_words{"unreadable-file",
                                                       "unsupported-version",
                                                       "unknown-op",
                                                       "unsupported-dtype",
                                                       "missing-attribute",
                                                       "invalid-attribute",
                                                       "missing-quantization",
                                                       "invalid-quantization",
                                                       "inconsistent-quantization",
                                                       "dtype-contradiction",
                                                       "data-size-mismatch",
                                                       "data-out-of-range",
                                                       "shape-mismatch",
                                                       "dangling-reference",
                                                       "duplicate-definition",
                                                       "wrong-order",
                                                       "cycle",
                                                       "missing-conversion",
                                                       "missing-external-data",
                                                       "resource-limit"};
static_assert(cause_words.size() == static_cast<std::size_t>(Cause::resource_limit) + 1);

std::string counted(std::size_t n, std::string_view word) {
  return std::to_string(n) + " " + std::string(word) + (n == 1 ? "" : "s");
}

}  // namespace

std::string_view name(Severity s) noexcept {
  constexpr std::string_view words[] = {"error", "warning", "note"};
  return words[static_cast<std::size_t>(s)];
}
std::string_view name(Cause c) noexcept { return cause_words[static_cast<std::size_t>(c)]; }
std::string_view name(Confidence c) noexcept {
  constexpr std::string_view words[] = {"safe", "likely", "needs_input"};
  return words[static_cast<std::size_t>(c)];
}

std::size_t Report::count(Severity s) const noexcept {
  std::size_t n = 0;
  for (const Diagnostic& d : diagnostics) n += d.severity == s ? 1 : 0;
  return n;
}
bool Report::has_errors() const noexcept { return count(Severity::error) > 0; }

std::string Report::summary() const {
  std::string text;
  for (const Severity s : {Severity::error, Severity::warning, Severity::note})
    if (const std::size_t n = count(s)) text += (text.empty() ? "" : ", ") + counted(n, name(s));
  return text.empty() ? "no problems" : text;
}

Report failure(std::string_view code, Cause cause, std::string headline, std::string why) {
  Report report;
  Diagnostic d{};
  d.code = code;
  d.cause = cause;
  d.headline = std::move(headline);
  d.why = std::move(why);
  report.diagnostics.push_back(std::move(d));
  return report;
}

#if QGRAPH_EXCEPTIONS
LoadError::LoadError(Report report) : std::runtime_error(report.to_string()), report_(std::move(report)) {}
#endif

}  // namespace qgraph
