// The quantization of an operand whose tensor is known already.
#pragma once

#include "source/uses.hpp"

namespace qgraph::source {

/// As site() says, of this operand of the node.
const QuantizationSite* site_of_operand(const Model&, const Uses&, NodeRef node, TensorRef operand);

}  // namespace qgraph::source
