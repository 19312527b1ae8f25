// What stands between DequantizeLinear and QuantizeLinear, and how it becomes one op on bytes.
#pragma once

#include "ops/quantize.hpp"
#include "ops/support/activation.hpp"
#include "runtime/passes/draft.hpp"

namespace qgraph::runtime::passes {

/// A quantize node that is about to be added.
struct Island {
  Draft& draft;
  const Node& quantize;
  TensorId real{};  ///< what it quantizes
  TensorId out{};   ///< what it makes: 8 bits, one scale, half to even
  ops::Ties rounding = ops::Ties::half_even;

  const TensorType& type() const noexcept { return draft.type(out); }
  /// Adds a node in place of all of it.
  bool add(const NewNode& node) const { return static_cast<bool>(draft.add(quantize, node, type().element, out)); }
  bool add(const OpDef& op, std::shared_ptr<const void> attributes, std::vector<TensorId> inputs) const {
    return static_cast<bool>(draft.add(quantize, op, std::move(attributes), std::move(inputs), type().element, out));
  }
};

/// The bytes that `real` is dequantized from. None: it is not, or not from bytes of one scale.
TensorId dequantized(const Draft& draft, TensorId real);
/// The constant integers that `real` is dequantized from, of any number of scales, or `real` itself where it is such.
TensorId dequantized_constant(const Draft& draft, TensorId real);
/// The one element of a float constant.
std::optional<float> scalar(const Draft& draft, TensorId t);

/// An op that makes each element of one element of each of its operands.
bool function_of_one(std::string_view op);

/// A value with clamps in front of the quantization taken off.
struct Clamped {
  TensorId real{};
  Activation activation = Activation::none;
};
/// Nothing: it is clamped in a way that no activation is.
std::optional<Clamped> without_clamps(const Island& island);

/// A reduction of [n,c,h,w] over h and w.
bool averages_images(const Draft& draft, const Node& reduction);

/// True: the island was added as one node. Each in a file of its own.
bool fuse_same(const Island&);         ///< nothing in between, or reshapes: other parameters at most
bool fuse_convolution(const Island&);  ///< conv_2d, transpose_conv_2d, fully_connected
bool fuse_matmul(const Island&);
bool fuse_binary(const Island&);
bool fuse_concatenation(const Island&);
bool fuse_average(const Island&);
bool fuse_global_average(const Island&);
bool fuse_table(const Island&);  ///< any chain of functions of one element

/// A node that moves bytes, put before the dequantization of its operand: add it and what dequantizes its result. False: it is no
/// such node.
bool sink(Draft& draft, const Node& node);

}  // namespace qgraph::runtime::passes
