// What nodes of several domains make of a convolution.
#pragma once

#include <optional>
#include <vector>

#include "source/op_row.hpp"

namespace qgraph::formats::onnx {

struct Convolution {
  Value input{}, weights{};
  std::vector<Value> rest{};            ///< operands behind them
  std::optional<ElementType> output{};  ///< where it is quantized
  bool channels_last = false;
  bool integer = false;    ///< plain integers: conv_integer
  bool activation = true;  ///< what the node says of one is fused
};
/// By the node's strides, dilations, padding, groups and activation.
Result<Outputs> convolve(const SourceNode& n, GraphBuilder& g, const Convolution& c);

/// 1 to 3, from the ranks of the weights or the input, or kernel_shape.
std::optional<std::size_t> spatial_axes(const SourceNode& n, const Value& weights, const Value& input);

}  // namespace qgraph::formats::onnx
