// The account of fix(): each mend with what was wrong, how sure it is, and its changes.
#include "diagnose/render_fix.hpp"

#include <spdlog/fmt/fmt.h>

#include <nlohmann/json.hpp>

#include "diagnose/words.hpp"

namespace qgraph::diagnose {
namespace {

using Json = nlohmann::ordered_json;

std::string paint(const TextStyle& style, std::string_view code, std::string_view text) {
  return style.colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

std::string bound(const Fix& fix) {
  if (!fix.max_change) return "how much outputs change is not known";
  return *fix.max_change == 0 ? "outputs do not change"
                              : fmt::format("outputs change by at most {}", number_text(*fix.max_change));
}

}  // namespace

std::string render_fixes(const FixResult& result, const TextStyle& style) {
  constexpr std::size_t most_lines = 8;
  std::string out;
  for (const AppliedFix& a : result.applied) {
    const Diagnostic& d = a.diagnostic;
    out += fmt::format("{}: {}\n", paint(style, "1;32", fmt::format("mended[{}]", d.code)), paint(style, "1", d.headline));
    const std::size_t shown = style.all_places ? a.changes.size() : std::min(a.changes.size(), most_lines);
    for (std::size_t i = 0; i < shown; ++i) out += fmt::format("  {} {}\n", paint(style, "32", "+"), a.changes[i]);
    if (shown < a.changes.size())
      out += fmt::format("    and {} (-v lists them)\n", counted(a.changes.size() - shown, "more change"));
    if (!d.why.empty()) out += fmt::format("  = why: {}\n", d.why);
    if (d.fix && d.fix->id != "given")
      out += fmt::format("  = {}: {}; {}\n", name(d.fix->confidence), d.fix->description, bound(*d.fix));
    out += "\n";
  }
  return out;
}

std::string render_fix_json(const FixResult& result, const std::string& written, int indent) {
  Report mended{.model = result.report.model, .format = result.report.format};
  for (const AppliedFix& a : result.applied) mended.diagnostics.push_back(a.diagnostic);
  Json applied = Json::parse(render_json(mended, true), nullptr, false).value("diagnostics", Json::array());
  for (std::size_t i = 0; i < applied.size() && i < result.applied.size(); ++i) {
    Json changes = Json::array();
    for (const std::string& line : result.applied[i].changes) changes.push_back(line);
    applied[i]["changes"] = std::move(changes);
  }
  const Json left = Json::parse(render_json(result.report, result.loadable), nullptr, false);
  const Json json{{"model", result.report.model},
                  {"format", left.value("format", Json())},
                  {"written", written.empty() ? Json() : Json(written)},
                  {"loadable", result.loadable},
                  {"applied", std::move(applied)},
                  {"diagnostics", left.value("diagnostics", Json::array())}};
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace qgraph::diagnose
