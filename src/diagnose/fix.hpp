// Applying mends to a model in memory.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "diagnose/rule.hpp"

namespace qgraph::diagnose {

struct Mended {
  std::vector<Finding> applied{};                    ///< in the order of application; their edits are what `patch` writes
  std::vector<std::vector<std::string>> accounts{};  ///< of each: a line per edit; where MendOptions::account asks for them
  Findings left{};  ///< what the rules find in the model as mended, with what the reader found and is not mended
};

struct MendOptions {
  Confidence least = Confidence::safe;           ///< how sure a mend must be
  std::function<bool(const Finding&)> wanted{};  ///< empty: all
  bool account = false;                          ///< say in words what each edit changes
};

/// Runs the rules over the model, applies what may be applied, and runs them again, until nothing is left to apply.
/// `reader`: what the reader found; those of its findings that are mended go.
Mended mend(source::Model& model, Findings reader, const Registry& registry, const LoadOptions& options, bool read_data,
            const MendOptions& how);

}  // namespace qgraph::diagnose
