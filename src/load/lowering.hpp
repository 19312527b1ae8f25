// One graph while it is lowered: what SourceNode reads from.
#pragma once

#include <vector>

#include "load/lower.hpp"

namespace qgraph {

/// What the graphs of a model share.
struct ModelLowering {
  const source::Model& model;
  const Registry& registry;
  const LoadOptions& options;
  diagnose::Findings& findings;
  std::shared_ptr<ModelContext> context = std::make_shared<ModelContext>();
  std::vector<std::vector<TensorType>> types{};   ///< declared, of every tensor
  std::vector<std::vector<bool>> broken_tensor{}; ///< by earlier findings
  std::vector<std::vector<bool>> broken_node{};
};

struct GraphLowering {
  ModelLowering& shared;
  std::uint32_t graph = 0;
  GraphBuilder builder;
  std::vector<Value> values{};    ///< of each tensor of this graph, as far as made
  std::vector<bool> poisoned{};   ///< its value is not to be had

  GraphLowering(ModelLowering& s, std::uint32_t g, std::string name) : shared(s), graph(g), builder(std::move(name)) {}
  const source::SourceGraph& source() const { return shared.model.graphs[graph]; }
  /// The value of a tensor: made already, or a constant, or state. Absent: none, or poisoned.
  Value value(source::TensorRef tensor);
};

}  // namespace qgraph
