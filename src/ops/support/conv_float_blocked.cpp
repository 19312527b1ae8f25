// Float convolutions summed as ONNX Runtime sums them: see summation.hpp.
#include <algorithm>

#include "ops/support/conv_plan.hpp"

namespace qgraph {

void convolve_float_blocked(const ConvPlan& plan, const ConvStreams& s) noexcept {
  const ConvGeometry& g = plan.geometry;
  const auto* input = static_cast<const float*>(s.input);
  const auto* weights = static_cast<const float*>(s.weights);
  const float* bias = !plan.bias.empty() ? plan.bias.data() : s.bias ? s.bias.as<float>() : nullptr;
  auto* output = s.output.as<float>();
  auto* sums = plan.sums.in<float>(s.scratch);
  float* part = sums + g.group_out;
  const std::int64_t depth = g.depth();

  const auto pixel = [&](std::int64_t b, std::int64_t d, std::int64_t y, std::int64_t x, std::int64_t group) {
    const float* from = input + b * g.input.batch + group * g.group_in * g.input.channel;
    const float* rows = weights + group * depth * g.group_out;
    const std::int64_t d0 = d * g.stride[0] - g.pad[0], y0 = y * g.stride[1] - g.pad[1], x0 = x * g.stride[2] - g.pad[2];
    const auto value = [&](std::int64_t k) {
      const WindowTap& tap = plan.window[static_cast<std::size_t>(k)];
      const std::int64_t id = d0 + tap.place[0], iy = y0 + tap.place[1], ix = x0 + tap.place[2];
      if (id < 0 || id >= g.in[0] || iy < 0 || iy >= g.in[1] || ix < 0 || ix >= g.in[2]) return 0.0F;
      return from[tap.channel + id * g.input.spatial[0] + iy * g.input.spatial[1] + ix * g.input.spatial[2]];
    };
    const auto row = [&](std::int64_t k) { return rows + plan.window[static_cast<std::size_t>(k)].weights; };
    const float* own_bias = bias ? bias + group * g.group_out : nullptr;
    if (own_bias && plan.bias_first)
      std::copy_n(own_bias, g.group_out, sums);
    else
      std::fill_n(sums, g.group_out, 0.0F);
    sum_products(plan.sum_blocks, depth, g.group_out, value, row, sums, part);
    float* to = output + b * g.output.batch + group * g.group_out * g.output.channel + d * g.output.spatial[0] +
                y * g.output.spatial[1] + x * g.output.spatial[2];
    for (std::int64_t o = 0; o < g.group_out; ++o)
      to[o * g.output.channel] = activate(plan.output.activation, own_bias && !plan.bias_first ? sums[o] + own_bias[o] : sums[o],
                                          plan.output.float_low, plan.output.float_high);
  };
  for (std::int64_t b = 0; b < g.batch; ++b)
    for (std::int64_t d = 0; d < g.out[0]; ++d)
      for (std::int64_t y = 0; y < g.out[1]; ++y)
        for (std::int64_t x = 0; x < g.out[2]; ++x)
          for (std::int64_t group = 0; group < g.groups; ++group) pixel(b, d, y, x, group);
}

}  // namespace qgraph
