// Which fields of an options table name other graphs.
#pragma once

#include <vector>

#include "formats/tflite/attributes.hpp"

namespace qgraph::formats::tflite {

/// Fields of an options table that hold indices of graphs, in the schema's order: "cond_subgraph_index", "body_subgraph_index".
std::vector<const reflection::Field*> body_fields(const reflection::Object& options);
/// Their values: the bodies of WHILE, IF, CALL_ONCE, composites, StableHLO's reductions ...
std::vector<std::int64_t> body_indices(const StoredOptions& options);

}  // namespace qgraph::formats::tflite
