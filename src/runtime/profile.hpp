// What a node's calls consist of, for Session::profile().
#pragma once

#include <cstdint>
#include <span>

#include "ops/kernel.hpp"

namespace qgraph::runtime {

/// Products that are summed up in a call, from the shapes of its operands; 0 for ops that are not made of them.
std::uint64_t multiply_adds(const Node& node, std::span<const View> inputs, std::span<const View> outputs);

}  // namespace qgraph::runtime
