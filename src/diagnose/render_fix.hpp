// What fix() did, as text for a terminal and as JSON.
#pragma once

#include <string>

#include "diagnose/render.hpp"
#include "qgraph/fix.hpp"

namespace qgraph::diagnose {

/// What was mended, a line per change. Ends with a newline, unless nothing was.
QGRAPH_API std::string render_fixes(const FixResult& result, const TextStyle& style = {});
/// `written`: the path, or empty.
QGRAPH_API std::string render_fix_json(const FixResult& result, const std::string& written, int indent = -1);

}  // namespace qgraph::diagnose
