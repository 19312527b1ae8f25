// Reports of the runtime, placed at their node.
#pragma once

#include <string>
#include <string_view>

#include "qgraph/graph.hpp"

namespace qgraph::runtime {

/// Codes of what shows only when a Session is planned or run; each has its page in diagnose/rules.
namespace code {
inline constexpr std::string_view no_kernel = "QG2301";  ///< the op has no kernel for these dtypes
inline constexpr std::string_view bad_input = "QG4301";  ///< what the caller passed does not fit
inline constexpr std::string_view bad_shape = "QG4302";  ///< shapes stay unknown, or do not fit at run time
inline constexpr std::string_view bad_value = "QG4303";  ///< a kernel met a value that it cannot use
inline constexpr std::string_view memory = "QG9301";     ///< a memory budget
inline constexpr std::string_view nesting = "QG9302";    ///< graphs nested too deeply, or calling themselves
inline constexpr std::string_view loop = "QG9303";       ///< a loop's budget of iterations
}  // namespace code

Place place_of(const Graph& graph, GraphId id, const Node& node);
Report node_error(std::string_view code, Cause cause, std::string headline, const Graph& graph, GraphId id, const Node& node);
/// Puts the node where a report names no place yet.
Report placed(Report report, const Graph& graph, GraphId id, const Node& node);

}  // namespace qgraph::runtime
