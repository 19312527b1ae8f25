// An order in which the nodes of a graph can run.
#pragma once

#include <cstdint>
#include <vector>

#include "source/source_model.hpp"

namespace qgraph::source {

/// Node indices, each behind the nodes that make its inputs; otherwise as stored. Nodes on a cycle, or behind one, stand at the
/// end as stored.
std::vector<std::uint32_t> run_order(const Model& model, std::uint32_t graph);
/// The nodes that lie on a cycle, in file order.
std::vector<std::uint32_t> cyclic_nodes(const Model& model, std::uint32_t graph);

}  // namespace qgraph::source
