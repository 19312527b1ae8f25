// Rows of weights with a scale per block of inputs, float activations quantized on the fly: TFLite's EvalBlockwise4Bit.
#include <algorithm>

#include "ops/support/conv_plan.hpp"
#include "ops/support/unpack_sub_byte.hpp"

namespace qgraph {

void convolve_blockwise(const ConvPlan& plan, const ConvStreams& s) noexcept {
  const ConvGeometry& g = plan.geometry;
  const std::int64_t depth = g.depth(), channels = g.channels_out(), block = plan.block, blocks = (depth + block - 1) / block;
  const auto* input = static_cast<const std::int8_t*>(s.input);
  const auto* weights = static_cast<const std::byte*>(s.weights);
  auto* output = s.output.as<float>();
  for (std::int64_t r = 0; r < g.out[2]; ++r) {
    const HybridScale scale = s.scales[r];
    for (std::int64_t o = 0; o < channels; ++o) {
      float sum = 0, weight_sum = 0;
      for (std::int64_t b = 0; b < blocks; ++b) {
        const auto at = static_cast<std::size_t>(o * blocks + b);
        const std::int64_t zero_point =
            plan.block_zero_points.empty() ? 0 : plan.block_zero_points[plan.block_zero_points.size() == 1 ? 0 : at];
        std::int64_t products = 0, total = 0;
        for (std::int64_t i = b * block; i < std::min(depth, (b + 1) * block); ++i) {
          const std::int64_t w = integer_at(weights, plan.weights.storage, o * depth + i) - zero_point;
          products += w * input[r * depth + i];
          total += w;
        }
        sum += static_cast<float>(products) * plan.block_scales[at];
        weight_sum += plan.block_scales[at] * static_cast<float>(total);
      }
      sum -= static_cast<float>(scale.zero_point) * weight_sum;
      sum *= scale.scale;
      if (s.bias) sum += s.bias.as<float>()[o];
      output[r * channels + o] = activate(plan.output.activation, sum, plan.output.float_low, plan.output.float_high);
    }
  }
}

}  // namespace qgraph
