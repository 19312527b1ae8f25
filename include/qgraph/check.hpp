// check(): every problem of a model file, without loading it for use.
#pragma once

#include "qgraph/load.hpp"

namespace qgraph {

struct CheckResult {
  Report report{};
  bool loadable = false;  ///< by load_graph with the same options
};

/// Runs all rules, also those that read weights. Never throws (but for std::bad_alloc).
QGRAPH_API CheckResult check(const std::filesystem::path& file, const LoadOptions& options = {});
QGRAPH_API CheckResult check(std::span<const std::byte> bytes, const LoadOptions& options = {});

/// A page on a code: what it means, how it comes about, what mends it. Nothing for a code that does not exist.
QGRAPH_API std::optional<std::string> explain(std::string_view code);
/// All codes, sorted, with their one-line titles.
QGRAPH_API std::vector<std::pair<std::string, std::string>> codes();

}  // namespace qgraph
