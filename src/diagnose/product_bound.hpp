// How large the sums of a node that multiplies by constant weights can become, by its weights and the range of its input.
#pragma once

#include <optional>
#include <vector>

#include "diagnose/scale_evidence.hpp"

namespace qgraph::diagnose {

/// Of each output channel, in integers: the sum of the weights' magnitudes, and the root of the sum of their squares.
struct WeightSums {
  std::vector<double> magnitudes{}, roots{};
};
/// Nothing where weights are no constants of 8 or 16 bits, or their channels are not told by the number of scales or bias
/// elements.
std::optional<WeightSums> weight_sums(const source::Model& model, const ProductRule& rule);
/// The largest distance of an integer of this dtype from the zero point.
double largest_distance(DType dtype, const source::QuantizationSite& site);

}  // namespace qgraph::diagnose
