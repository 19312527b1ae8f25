// save(): a Model as a file of one of the formats that can hold a Graph.
#pragma once

#include <filesystem>

#include "qgraph/graph.hpp"

namespace qgraph {

/// By the file's ending: .qg (binary, constants aligned and used in place when loaded) or .json.
/// Written to a temporary file beside the target, then renamed. Fails where the format cannot hold the graph (host ops).
QGRAPH_API Status save(const Model& model, const std::filesystem::path& file);

}  // namespace qgraph
