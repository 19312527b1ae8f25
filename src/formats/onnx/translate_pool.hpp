// What nodes of several domains make of pooling.
#pragma once

#include <optional>
#include <string>

#include "source/op_row.hpp"

namespace qgraph::formats::onnx {

/// The pool op `op` ("max_pool_2d", in three dimensions "_3d"; "lp_pool") by the node's kernel_shape and so on.
Result<Outputs> pool(const SourceNode& n, GraphBuilder& g, Value x, std::string op, Attributes more);
/// The axes behind n and c as a constant; nothing where the rank is open or below 3.
std::optional<Value> spatial_axes_of(GraphBuilder& g, const Value& x, bool channels_last);

}  // namespace qgraph::formats::onnx
