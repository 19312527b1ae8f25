// A Graph that passes edit: nodes are taken out in their order, and kept, left out or put in anew. Tensors keep their ids, new
// ones come behind.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "ops/op_def.hpp"
#include "qgraph/graph.hpp"

namespace qgraph::runtime::passes {

/// What a node to add is.
struct NewNode {
  std::string_view op{};
  std::vector<TensorId> inputs{};
  Attributes attributes{};
};

class Draft {
 public:
  explicit Draft(const Graph& graph);
  /// The edited graph; nothing where no pass changed it or what they made does not hold together.
  std::optional<Graph> finish() &&;

  /// Calls step(node) for each node in turn, which keeps it or adds others, and last(). What nothing reads any more is dropped.
  template <class Step, class Last>
  void sweep(Step step, Last last) {
    std::vector<Node> old = begin();
    for (Node& node : old) {
      forward(node);
      step(node);
    }
    last();
    end();
  }
  template <class Step>
  void sweep(Step step) {
    sweep(step, [] {});
  }

  const GraphTensor& tensor(TensorId t) const noexcept { return tensors_[t.value]; }
  const TensorType& type(TensorId t) const noexcept { return tensors_[t.value].type; }
  const Shape& shape(TensorId t) const noexcept { return type(t).shape; }
  bool constant(TensorId t) const noexcept { return t && tensor(t).constant; }
  /// The elements of an integer constant.
  std::optional<std::vector<std::int64_t>> integers(TensorId t) const;
  /// The node that makes it, of those added so far; null: none does. Valid until the next is added.
  const Node* maker(TensorId t) const noexcept;
  /// The same where it is a node of this op.
  const Node* maker(TensorId t, std::string_view op) const noexcept;
  /// Operands that it is, and outputs of the graph, when the sweep began.
  std::uint32_t readers(TensorId t) const noexcept { return t.value < readers_.size() ? readers_[t.value] : 0; }
  bool output(TensorId t) const noexcept { return t.value < outputs_read_.size() && outputs_read_[t.value]; }
  std::size_t tensor_count() const noexcept { return tensors_.size(); }
  std::span<const TensorId> outputs() const noexcept { return outputs_; }

  void keep(Node node);
  /// Adds a node in place of `origin`, whose name it bears in messages. Its output is a new tensor with the type that the op
  /// infers, or `into`. None: the op refuses this; nothing was added.
  TensorId add(const Node& origin, const NewNode& node, const ElementType& element = Plain{}, TensorId into = {});
  /// The same for an op that is known to passes only.
  TensorId add(const Node& origin, const OpDef& op, std::shared_ptr<const void> attributes, std::vector<TensorId> inputs,
               const ElementType& element, TensorId into = {});
  /// A node that makes several new tensors of one element type. Empty: the op refuses this.
  std::vector<TensorId> add_parts(const Node& origin, const NewNode& node, const ElementType& element, std::size_t count);
  TensorId constant(TensorType type, Buffer data);
  TensorId constant(std::span<const std::int64_t> values);
  /// From here on `old` is read as `instead`. Not for outputs of the graph.
  void replace(TensorId old, TensorId instead);

 private:
  std::vector<Node> begin();
  void forward(Node& node) const noexcept;
  void end();
  bool runnable() const;
  TensorId new_tensor(GraphTensor tensor);
  TensorId add(Node node, const ElementType& element, TensorId into);

  std::string name_;
  std::vector<GraphTensor> tensors_;
  std::vector<Node> nodes_;
  std::vector<TensorId> inputs_, outputs_, instead_;
  std::vector<std::uint32_t> maker_, readers_;
  std::vector<bool> read_before_, outputs_read_;
  bool changed_ = false;
};

/// All attributes of a node with their values, some of them replaced.
Attributes attributes_with(const Node& node, const Attributes& changes);
/// Is the attribute there, with this value?
bool says(const Node& node, std::string_view attribute, std::int64_t value);
bool says(const Node& node, std::string_view attribute, std::string_view word);
/// 8 bits with one scale.
bool quantized_bytes(const TensorType& type) noexcept;

}  // namespace qgraph::runtime::passes
