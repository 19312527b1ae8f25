// The canonical graph: typed, in SSA form, valid by construction. A Model is what load_graph() returns.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "qgraph/result.hpp"
#include "qgraph/tensor.hpp"

namespace qgraph {

/// An index that knows what it counts. Default: none.
template <class Tag>
struct Id {
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  std::uint32_t value = none;
  constexpr explicit operator bool() const noexcept { return value != none; }
  friend constexpr auto operator<=>(Id, Id) = default;
};
using TensorId = Id<struct TensorTag>;
using NodeId = Id<struct NodeTag>;
using GraphId = Id<struct GraphTag>;

/// Integers, booleans and enumerators' numbers are int64; floats are double (exact); enumerators are their words.
using AttributeValue = std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>, std::vector<double>,
                                    std::vector<std::string>, Tensor>;

/// Names and values in the order set. Few per node: linear search.
class QGRAPH_API Attributes {
 public:
  using Entry = std::pair<std::string, AttributeValue>;
  Attributes() = default;
  Attributes(std::initializer_list<Entry> entries) : entries_(entries) {}
  void set(std::string_view name, AttributeValue value);  ///< replaces one of the same name
  const AttributeValue* find(std::string_view name) const noexcept;
  auto begin() const noexcept { return entries_.begin(); }
  auto end() const noexcept { return entries_.end(); }
  std::size_t size() const noexcept { return entries_.size(); }

 private:
  std::vector<Entry> entries_;
};

/// A read-only tensor that a kernel of a host sees: concrete shape, bytes as Tensor::data.
struct TensorView {
  const TensorType* type = nullptr;
  std::span<const std::byte> bytes{};
  template <class T>
  std::span<const T> values() const noexcept {
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }
};
struct MutableTensorView {
  const TensorType* type = nullptr;
  std::span<std::byte> bytes{};
  template <class T>
  std::span<T> values() const noexcept {
    return {reinterpret_cast<T*>(bytes.data()), bytes.size() / sizeof(T)};
  }
};

/// An op that a host brings with its kernel.
struct HostOp {
  std::string name{};
  /// Computes the outputs. Called from the thread that runs the Session; one call at a time per Session.
  std::function<Status(std::span<const TensorView> inputs, std::span<const MutableTensorView> outputs)> run{};
  /// Output types for input types with concrete shapes. Absent: the types given to GraphBuilder::add, which are then static.
  std::function<Result<std::vector<TensorType>>(std::span<const TensorType> inputs)> infer{};
};

struct OpDef;  // src/ops/op_def.hpp

/// A value of a Graph. Either constant (data), state (kept between runs, zero at first), or made by a node, or an input.
struct GraphTensor {
  std::string name{};
  TensorType type{};
  Buffer data{};
  bool constant = false;
  bool state = false;
  std::int64_t source_index = -1;  ///< index in the file, -1 where the loader made it
};

/// One op. Nodes of a Graph stand in an order in which they can run.
struct QGRAPH_API Node {
  const OpDef* op = nullptr;
  std::shared_ptr<const void> attributes{};  ///< the op's own struct; attribute() reads it by name
  std::vector<TensorId> inputs{};            ///< none: an optional operand left out
  std::vector<TensorId> outputs{};
  std::vector<GraphId> bodies{};
  std::string name{};
  std::int64_t source_index = -1;
  std::shared_ptr<const HostOp> host{};

  std::string_view op_name() const noexcept;
  std::optional<AttributeValue> attribute(std::string_view name) const;
  /// All attributes of the op with their values, also those that have the default.
  Attributes all_attributes() const;
};

class QGRAPH_API Graph {
 public:
  const std::string& name() const noexcept { return name_; }
  std::span<const GraphTensor> tensors() const noexcept { return tensors_; }
  std::span<const Node> nodes() const noexcept { return nodes_; }
  std::span<const TensorId> inputs() const noexcept { return inputs_; }
  std::span<const TensorId> outputs() const noexcept { return outputs_; }
  const GraphTensor& operator[](TensorId id) const noexcept { return tensors_[id.value]; }

 private:
  friend class GraphBuilder;
  std::string name_;
  std::vector<GraphTensor> tensors_;
  std::vector<Node> nodes_;
  std::vector<TensorId> inputs_, outputs_;
};

/// A named way into a model: which graph, and what callers call its inputs and outputs.
struct Signature {
  std::string name{};
  GraphId graph{0};
  std::vector<std::string> inputs{};   ///< names, in the order of the graph's inputs
  std::vector<std::string> outputs{};  ///< names, in the order given by output_positions
  std::vector<std::size_t> input_positions{};
  std::vector<std::size_t> output_positions{};
};

/// State that nodes read and assign by handle (TFLite's resource variables). Zero at first.
struct Variable {
  std::string name{};
  TensorType type{};  ///< dtype unknown until something is assigned, where the file does not say
};

/// All that was loaded. Immutable; copies share it; safe to use from any number of threads.
class QGRAPH_API Model {
 public:
  struct Data {
    std::vector<Graph> graphs{};  ///< [0] is the main graph; bodies and functions follow
    std::vector<Signature> signatures{};
    std::vector<Variable> variables{};
    std::map<std::string, std::string> metadata{};  ///< text metadata of the file
    std::string format{};
  };
  Model() = default;
  explicit Model(Data data) : data_(std::make_shared<const Data>(std::move(data))) {}

  bool empty() const noexcept { return !data_ || data_->graphs.empty(); }
  const Data& data() const noexcept { return *data_; }
  const Graph& main() const noexcept { return data_->graphs[0]; }
  const Graph& graph(GraphId id) const noexcept { return data_->graphs[id.value]; }
  std::span<const Graph> graphs() const noexcept { return data_->graphs; }
  std::span<const Signature> signatures() const noexcept { return data_->signatures; }

 private:
  std::shared_ptr<const Data> data_;
};

}  // namespace qgraph
