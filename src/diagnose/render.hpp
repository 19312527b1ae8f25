// A Report as text for a terminal, as JSON (DESIGN.md, "The command line"), and as SARIF 2.1.0.
#pragma once

#include <span>
#include <string>

#include "qgraph/report.hpp"

namespace qgraph::diagnose {

struct TextStyle {
  bool colour = false;      ///< ANSI escape sequences
  bool all_places = false;  ///< every place and consequence, where otherwise they are only counted
};
/// Ends with a newline, unless empty.
QGRAPH_API std::string render_text(const Report& report, const TextStyle& style = {});
/// One line, or indented by `indent` blanks.
QGRAPH_API std::string render_json(const Report& report, bool loadable, int indent = -1);
/// One run with the results of all reports.
QGRAPH_API std::string render_sarif(std::span<const Report> reports);

}  // namespace qgraph::diagnose
