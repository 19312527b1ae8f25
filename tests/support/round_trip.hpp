// A Model through a file and back.
#pragma once

#include <string>
#include <string_view>

#include "qgraph/load.hpp"

namespace qgraph::test {

/// Writes a scratch file with this extension (".qg", ".json") and loads it. The result keeps the file's bytes mapped.
LoadResult round_trip(const Model& model, std::string_view extension);
/// Where two models differ in anything that Model::Data holds; empty: nowhere.
std::string difference(const Model& a, const Model& b);

}  // namespace qgraph::test
