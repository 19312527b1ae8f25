// Nodes of the short form to canonical ones, where operands and attributes do not correspond one to one.
#pragma once

#include "source/op_row.hpp"

namespace qgraph::formats::qgraph_json {

Result<Outputs> lower_conv_2d(const SourceNode& node, GraphBuilder& builder);
Result<Outputs> lower_depthwise_conv_2d(const SourceNode& node, GraphBuilder& builder);
Result<Outputs> lower_fully_connected(const SourceNode& node, GraphBuilder& builder);
Result<Outputs> lower_flatten(const SourceNode& node, GraphBuilder& builder);

}  // namespace qgraph::formats::qgraph_json
