// What the infer functions of the convolution family check besides shapes.
#pragma once

#include <string_view>

#include "ops/infer.hpp"

namespace qgraph {

/// Element type of the output, after checking weights' and bias' types. `out_axis`: the weights' axis of output channels;
/// `channels`: how many, -1 unknown; `dynamic_range`: float input meets integer weights. Constraints "<op>_c6".. .
Result<ElementType> weighted_output_element(std::string_view op, const InferContext& c, std::size_t out_axis,
                                            std::int64_t channels, bool dynamic_range, std::size_t bias_operand = 2);

}  // namespace qgraph
