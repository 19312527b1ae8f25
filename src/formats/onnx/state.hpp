// What the reader keeps behind a Model for its attributes, its constants and for patch.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "formats/onnx/proto.hpp"
#include "qgraph/load.hpp"
#include "source/source_model.hpp"

namespace qgraph::formats::onnx {

/// Attributes of a call, by name: what ref_attr_name means inside of the function.
using Bindings = std::map<std::string_view, Bytes, std::less<>>;

/// A NodeProto as a node of the model came from it.
struct NodeRecord {
  Bytes message{};
  std::shared_ptr<const Bindings> bindings{};  ///< inside of a function
};

/// What stands for one NodeProto of a graph: nodes of the model in order (none for a Constant, several for a call).
struct StoredNode {
  Bytes message{};
  std::uint32_t nodes = 1;
};

/// Where the parts of a graph of the model lie in the file.
struct StoredGraph {
  Bytes message{};
  std::vector<StoredNode> nodes{};
};

/// Where a constant's TensorProto lies.
enum class StoredIn : std::uint8_t { initializer, sparse_initializer, constant_node };

struct StoredTensor {
  Bytes message{};  ///< TensorProto, SparseTensorProto, or the NodeProto of a Constant
  StoredIn in = StoredIn::initializer;
};

struct State {
  Buffer file{};
  Budgets budgets{};
  std::deque<NodeRecord> nodes{};       ///< AttributeView::self points here
  std::vector<StoredGraph> graphs{};    ///< as Model::graphs
  std::vector<StoredTensor> tensors{};  ///< Constant::storage_index counts them
};

inline const State& state_of(const source::Model& model) { return *static_cast<const State*>(model.format_state.get()); }

}  // namespace qgraph::formats::onnx
