// Shape and type inference of an op: the same function checks a node when the graph is built, and finds concrete shapes when a
// Session is planned or, for ops whose shapes depend on values, when they are known.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "qgraph/graph.hpp"

namespace qgraph {

using Types = std::vector<TensorType>;

/// What an op's infer function sees. Dimensions of inputs may be dynamic (-1) and ranks unknown while a graph is built.
struct InferContext {
  std::span<const TensorType* const> inputs{};                  ///< null: optional operand left out
  std::span<const std::span<const std::byte>* const> values{};  ///< bytes of inputs that are known already; null: not yet
  std::span<const TensorType> declared_outputs{};               ///< dtype unknown / unknown rank: not declared
  std::size_t output_count = 1;
  const void* attribute_struct = nullptr;
  /// Types of the outputs of body k, as its graph declares them. Empty where the op has no bodies.
  std::span<const Types> body_outputs{};

  std::size_t input_count() const noexcept { return inputs.size(); }
  bool has(std::size_t i) const noexcept { return i < inputs.size() && inputs[i] != nullptr; }
  const TensorType& input(std::size_t i) const noexcept { return *inputs[i]; }
  const Shape& shape(std::size_t i) const noexcept { return inputs[i]->shape; }
  template <class A>
  const A& attributes() const noexcept {
    return *static_cast<const A*>(attribute_struct);
  }

  /// The elements of integer operand i (int8..int64, uint8..) as int64, or nothing while its value is unknown or it is absent.
  std::optional<std::vector<std::int64_t>> integers(std::size_t i) const;
  /// What is declared of output o; dtype unknown where nothing is.
  TensorType declared(std::size_t o = 0) const;
  /// `fallback`, with the quantization that is declared of output o: its storage stands, its parameters give way. A declared
  /// type of another storage is not taken (the kernel writes what it writes; the contradiction is reported when the
  /// output is bound). Ops that can make several storages look at declared() themselves.
  ElementType declared_element(std::size_t o, const ElementType& fallback) const;
  /// {declared or fallback element, shape}: what most ops return.
  TensorType output(std::size_t o, const ElementType& fallback, Shape shape) const {
    return {declared_element(o, fallback), std::move(shape)};
  }
};

using InferFn = Result<Types> (*)(const InferContext&);

/// An error of an op's constraint; label is "conv_2d_c3", written beside the constraint in the op's file and its docs.
Report constraint(std::string_view label, std::string message, Cause cause = Cause::shape_mismatch);

/// NumPy broadcasting of shapes, right-aligned; dynamic dims stay dynamic unless the other side decides them. Nothing: do not
/// fit.
std::optional<Shape> broadcast(const Shape& a, const Shape& b);
/// axis in [-rank, rank) to [0, rank); nothing if outside.
std::optional<std::size_t> normalize_axis(std::int64_t axis, std::size_t rank) noexcept;

}  // namespace qgraph
