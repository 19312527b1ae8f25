// What GraphBuilder keeps. The loader and the formats that hold a canonical graph reach in here.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ops/op_def.hpp"
#include "qgraph/builder.hpp"

namespace qgraph {

/// What the graphs of one model share while they are built.
struct ModelContext {
  std::vector<Variable> variables{};
  std::vector<Types> graph_outputs{};  ///< of graph k, as declared; for ops with bodies

  /// The handle of the variable of this name, made where it is new. Its type is filled in where it was unknown.
  std::int32_t variable(const std::string& name, const TensorType& type = {DType::unknown, Shape::unknown_rank()});
};

struct GraphBuilder::Impl {
  std::string name{};
  std::vector<GraphTensor> tensors{};
  std::vector<Node> nodes{};
  std::vector<TensorId> inputs{}, outputs{};
  std::vector<std::uint32_t> producer{};  ///< of tensor i: node index, or none
  bool outputs_set = false;
  std::vector<Diagnostic> problems{};
  std::shared_ptr<ModelContext> model = std::make_shared<ModelContext>();
  /// Where problems are placed and nodes come from, while a handler runs.
  const Place* place = nullptr;

  TensorId new_tensor(GraphTensor t, std::uint32_t made_by = Id<NodeTag>::none);
  /// The op's infer for node `n` with these declared outputs; checks the number of types.
  Result<Types> infer(const Node& n, std::span<const TensorType> declared) const;
  void problem(Cause cause, std::string headline, std::string why = {});
};

/// Gives a value that the file declares the file's name, index and type. Where a node made it, its types are inferred
/// again with what is declared of each of its outputs. Fails where declaration and inference contradict each other in dtype.
void bind_output(GraphBuilder& builder, Value value, std::string_view name, const TensorType& declared,
                 std::int64_t source_index);
/// A value of a known type without producer, where the real one failed: so that what follows can still be checked.
Value unknown_value(GraphBuilder& builder, const TensorType& type);

/// Adds a node whose attributes are already the op's own struct.
Outputs add_node(GraphBuilder& builder, const OpDef& op, std::shared_ptr<const void> attributes, std::vector<Value> inputs,
                 std::vector<TensorType> declared, std::vector<GraphId> bodies = {});

/// Checks a type that a Graph may hold: parameters of a quantization fit storage and shape. Empty: it does.
std::string type_trouble(const TensorType& type);

}  // namespace qgraph
