// One graph while it is lowered: what SourceNode reads from.
#pragma once

#include <map>
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
  std::vector<std::vector<TensorType>> types{};    ///< declared, of every tensor
  std::vector<std::vector<bool>> broken_tensor{};  ///< by earlier findings
  std::vector<std::vector<bool>> broken_node{};
  std::vector<std::optional<Graph>> graphs{};  ///< as far as they are lowered; bodies with their node
  std::vector<ShapeDisagreement> shapes{};
};

struct GraphLowering {
  ModelLowering& shared;
  std::uint32_t graph = 0;
  GraphBuilder builder;
  std::vector<Value> values{};                    ///< of each tensor of this graph, as far as made
  std::vector<bool> poisoned{};                   ///< its value is not to be had
  std::map<source::TensorRef, Value> captured{};  ///< values of outer graphs' tensors, as inputs of this one or constants

  GraphLowering(ModelLowering& s, std::uint32_t g, std::string name) : shared(s), graph(g), builder(std::move(name)) {}
  const source::SourceGraph& source() const { return shared.model.graphs[graph]; }
  /// The value of a tensor: made already, or a constant, or state. Absent: none, or poisoned.
  Value value(source::TensorRef tensor);
};

/// What lies around a body: the node that has it, the lowering of that node's graph, and what it takes as further inputs.
struct Around {
  GraphLowering& outer;
  source::NodeRef node{};
  const std::vector<source::TensorRef>& captures;
};
/// Lowers one graph into ModelLowering::graphs. False: some of it could not be.
bool lower_graph(ModelLowering& m, std::uint32_t index, const Around* around);

/// captures.cpp: the bodies of a node that lie in its graph, now that the types around them are known; what they capture goes to
/// `values`. False: some of it could not be lowered.
bool lower_bodies(GraphLowering& g, source::NodeRef node, std::vector<Value>& values);
/// Gives a body's builder its inputs: its own, then what it captures. False: the type of one is not known.
bool add_inputs(GraphLowering& g, const Around* around);

}  // namespace qgraph
