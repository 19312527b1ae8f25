// GraphBuilder makes Graphs. Handlers use it; so may a host that writes a graph by hand.
#pragma once

#include "qgraph/graph.hpp"

namespace qgraph {

class GraphBuilder;

/// A tensor of the graph that is being built. Default constructed: absent (an optional operand left out).
/// Valid while its builder is.
class QGRAPH_API Value {
 public:
  Value() = default;
  explicit operator bool() const noexcept { return builder_ != nullptr; }
  TensorId id() const noexcept { return id_; }
  const TensorType& type() const noexcept;
  bool quantized() const noexcept { return type().quantized(); }
  /// Its bytes where it is a constant, else null.
  const Buffer* constant() const noexcept;

 private:
  friend class GraphBuilder;
  Value(GraphBuilder* b, TensorId id) : builder_(b), id_(id) {}
  GraphBuilder* builder_ = nullptr;
  TensorId id_{};
};

/// What a node makes. Converts to its first value.
class Outputs {
 public:
  Outputs() = default;
  Outputs(Value v) : values_{v} {}
  Outputs(std::vector<Value> v) : values_(std::move(v)) {}
  Outputs(std::initializer_list<Value> v) : values_(v) {}
  operator Value() const noexcept { return values_.empty() ? Value{} : values_[0]; }
  Value operator[](std::size_t i) const noexcept { return values_[i]; }
  std::size_t size() const noexcept { return values_.size(); }
  auto begin() const noexcept { return values_.begin(); }
  auto end() const noexcept { return values_.end(); }

 private:
  std::vector<Value> values_;
};

/// Builds one Graph. Errors are kept and end in finish(); what rests on a failed value fails silently with it, so that
/// callers need not check each step. Not thread-safe.
class QGRAPH_API GraphBuilder {
 public:
  explicit GraphBuilder(std::string name = "main");
  GraphBuilder(const GraphBuilder&) = delete;
  GraphBuilder& operator=(const GraphBuilder&) = delete;
  ~GraphBuilder();

  Value input(std::string name, TensorType type);
  /// Bytes must be what the type takes (checked); they are kept, not copied.
  Value constant(TensorType type, Buffer data, std::string name = {});
  template <class T>
  Value constant(DType dtype, Shape shape, std::span<const T> values, std::string name = {}) {
    return constant(TensorType(dtype, std::move(shape)), Buffer::of(values), std::move(name));
  }
  /// State that is kept between runs and starts as zeros (TFLite's variable tensors).
  Value state(std::string name, TensorType type);
  /// The same stored integers, read with a quantization: constants retyped in place, of other values by a `reinterpret` node.
  /// Several scales without axis and block_size stand along the first axis with as many elements (ops check that it is the one
  /// they need).
  Value quantized(Value stored, Quantization);

  /// Adds a node. Inputs and attributes are checked against the op's table, types are inferred.
  /// `declared`: element types of the outputs where the op leaves them open (the quantization of a quantized output) and
  /// shapes where they cannot be inferred; missing or DType::unknown: what the op infers, or, inside a handler, what the
  /// file declares for the output that the value becomes.
  Outputs add(std::string_view op, std::vector<Value> inputs, Attributes attributes = {}, std::vector<TensorType> declared = {},
              std::vector<GraphId> bodies = {});
  /// Adds a node with the host's kernel.
  Outputs add(HostOp op, std::vector<Value> inputs, std::vector<TensorType> outputs);

  Value value(TensorId id) noexcept { return {this, id}; }
  void set_outputs(std::vector<Value> outputs);
  void fail(Diagnostic diagnostic);
  bool failed() const noexcept;

  /// The graph: every output set, every quantized type with parameters, order runnable. Or all that went wrong.
  Result<Graph> finish();

  struct Impl;  // src/graph/builder_impl.hpp: for the loader
  Impl& impl() noexcept { return *impl_; }

 private:
  friend class Value;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qgraph
