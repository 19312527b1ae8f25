// Lowering: a SourceModel to Graphs, node by node through the registry.
#pragma once

#include <optional>

#include "diagnose/finding.hpp"
#include "graph/builder_impl.hpp"
#include "load/registry_impl.hpp"
#include "qgraph/load.hpp"
#include "source/source_model.hpp"

namespace qgraph {

/// A declared shape that is not what the op makes of its operands' shapes.
struct ShapeDisagreement {
  source::NodeRef node{};
  source::TensorRef tensor{};
  Shape inferred{};
};

struct Lowered {
  std::optional<Model> model{};  ///< none where anything failed
  std::vector<ShapeDisagreement> shapes{};
};

/// Lowers what can be lowered. Nodes that rest on facts which `findings` has shown to be broken are left out silently; new
/// problems are added to `findings`.
Lowered lower(const source::Model& model, const Registry& registry, const LoadOptions& options, diagnose::Findings& findings);

/// The type that the file declares of a tensor, with the quantization that stands beside it.
TensorType declared_type(const source::SourceTensor& tensor, const source::QuantizationSite* site);
/// The key that a node's handler is looked up by. `sites`: site_of for any tensor.
OpKey key_of(const source::Model& model, const Registry::Impl& registry, source::NodeRef node);

struct GraphLowering;
struct SourceNode::Impl {
  GraphLowering* lowering = nullptr;
  const source::SourceNode* node = nullptr;
  source::NodeRef ref{};
  const Match* match = nullptr;
  std::vector<Value> captures{};
};

}  // namespace qgraph
