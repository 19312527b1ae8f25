// Sums over the weights of a channel. Channels lie along the axis of the scales; of one scale along the first, or a depthwise's
// last.
#include "diagnose/product_bound.hpp"

#include <algorithm>
#include <cmath>

namespace qgraph::diagnose {

double largest_distance(DType dtype, const source::QuantizationSite& site) {
  const IntegerRange range = integer_range(dtype);
  const double zero = site.zero_points.values.empty() ? 0 : site.zero_points.values[0];
  return std::max(std::fabs(static_cast<double>(range.min) - zero), std::fabs(static_cast<double>(range.max) - zero));
}

std::optional<WeightSums> weight_sums(const source::Model& m, const ProductRule& rule) {
  const source::SourceTensor& weights = m[rule.weights.stored];
  if (!weights.data.exists() || !is_integer(weights.dtype) || bits(weights.dtype) > 16 || !weights.shape.is_static() ||
      weights.shape.rank() < 2 || !rule.weights.site)
    return std::nullopt;
  const std::string_view op = m[rule.node].op;
  std::size_t axis = op == "DEPTHWISE_CONV_2D" ? 3 : 0;
  if (rule.weights.scales.size() > 1 && rule.weights.site->axis >= 0) axis = static_cast<std::size_t>(rule.weights.site->axis);
  if (axis >= weights.shape.rank()) return std::nullopt;
  const Shape& bias = m[rule.bias.stored].shape;
  const auto channels = static_cast<std::size_t>(weights.shape[axis]);
  if (channels == 0 || bias.rank() != 1 || bias[0] != weights.shape[axis]) return std::nullopt;
  const auto values = m.numbers(rule.weights.stored);
  if (!values || values->size() % channels != 0) return std::nullopt;
  std::size_t inner = 1;
  for (std::size_t i = axis + 1; i < weights.shape.rank(); ++i) inner *= static_cast<std::size_t>(weights.shape[i]);
  const std::vector<double>& zeros = rule.weights.site->zero_points.values;
  WeightSums sums{std::vector<double>(channels), std::vector<double>(channels)};
  for (std::size_t i = 0; i < values->size(); ++i) {
    const std::size_t c = i / inner % channels;
    const double w = (*values)[i] - (zeros.empty() ? 0 : zeros[zeros.size() == channels ? c : 0]);
    sums.magnitudes[c] += std::fabs(w);
    sums.roots[c] += w * w;
  }
  for (double& s : sums.roots) s = std::sqrt(s);
  return sums;
}

}  // namespace qgraph::diagnose
