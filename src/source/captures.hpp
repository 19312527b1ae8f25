// What a body reads of the graphs around it.
#pragma once

#include <cstdint>
#include <vector>

#include "source/source_model.hpp"

namespace qgraph::source {

/// Tensors of outer graphs that a graph, or a body within it, reads or gives out: each once, in order of first use.
std::vector<TensorRef> captures(const Model& model, std::uint32_t graph);
/// The same of all bodies of a node that lie in its own graph, without those of the bodies' own.
std::vector<TensorRef> captures_of_bodies(const Model& model, NodeRef node);

}  // namespace qgraph::source
