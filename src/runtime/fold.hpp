// Nodes whose operands are all known run once, when planning.
#pragma once

#include <vector>

#include "runtime/memory.hpp"
#include "runtime/select_kernel.hpp"

namespace qgraph::runtime {

/// Of all tensors that one plan folds.
inline constexpr std::size_t folding_budget = std::size_t{256} << 20;

/// Runs the node into memory of its own. False: it is not worth it (outputs far larger than inputs: better computed than kept),
/// over the budget, or the kernel refuses; then nothing has happened, and the node runs like others.
bool fold(const Prepared& prepared, const Node& node, std::span<const View> inputs, std::span<View> outputs,
          std::vector<Memory>& memory, std::size_t& budget);

}  // namespace qgraph::runtime
