// Observing every node's outputs as they are computed: for tools and tests.
#pragma once

#include <functional>

#include "qgraph/session.hpp"

namespace qgraph::runtime {

struct Traced {
  GraphId graph{};
  const Node* node = nullptr;
  std::size_t output = 0;  ///< position among the node's outputs
  const GraphTensor* tensor = nullptr;
  TensorView value{};  ///< valid during the call
};
using Trace = std::function<void(const Traced&)>;

/// Nodes in the order in which they run, those of bodies too; folded ones in their place. Set it before the first run.
void set_trace(Session& session, Trace trace);

}  // namespace qgraph::runtime
