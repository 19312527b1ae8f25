// The inner loops of float convolutions. Every output sums its products in the order of TFLite's reference kernel (row, column,
// channel; nothing outside the image); that all outputs of a pixel advance together changes no sum.
#include <algorithm>

#include "ops/support/conv_plan.hpp"

namespace qgraph {

void convolve_float(const ConvPlan& plan, const ConvStreams& s) noexcept {
  const ConvGeometry& g = plan.geometry;
  const auto* input = static_cast<const float*>(s.input);
  const auto* weights = static_cast<const float*>(s.weights);
  const float* bias = !plan.bias.empty() ? plan.bias.data() : s.bias ? s.bias.as<float>() : nullptr;
  auto* output = s.output.as<float>();
  auto* sums = plan.sums.in<float>(s.scratch);
  const std::int64_t channels = g.channels_out(), taps = g.taps();

  const auto tile = [&](std::int64_t b, std::int64_t d, std::int64_t y, std::int64_t x0, std::int64_t n) {
    std::fill_n(sums, n * channels, 0.0F);
    for (std::int64_t group = 0; group < g.groups; ++group) {
      const float* from = input + b * g.input.batch + group * g.group_in * g.input.channel;
      for (std::int64_t tap = 0; tap < taps; ++tap) {
        const float* w = weights + (group * taps + tap) * g.group_in * g.group_out;
        const std::int64_t fx = tap % g.filter[2], fy = tap / g.filter[2] % g.filter[1], fd = tap / (g.filter[2] * g.filter[1]);
        const std::int64_t id = d * g.stride[0] - g.pad[0] + fd * g.dilation[0],
                           iy = y * g.stride[1] - g.pad[1] + fy * g.dilation[1];
        if (id < 0 || id >= g.in[0] || iy < 0 || iy >= g.in[1]) continue;
        for (std::int64_t t = 0; t < n; ++t) {
          const std::int64_t ix = (x0 + t) * g.stride[2] - g.pad[2] + fx * g.dilation[2];
          if (ix < 0 || ix >= g.in[2]) continue;
          const float* x = from + id * g.input.spatial[0] + iy * g.input.spatial[1] + ix * g.input.spatial[2];
          float* to = sums + t * channels + group * g.group_out;
          for (std::int64_t i = 0; i < g.group_in; ++i) {
            const float value = x[i * g.input.channel];
            const float* row = w + i * g.group_out;
            for (std::int64_t o = 0; o < g.group_out; ++o) to[o] += value * row[o];
          }
        }
      }
    }
    for (std::int64_t t = 0; t < n; ++t) {
      float* to =
          output + b * g.output.batch + d * g.output.spatial[0] + y * g.output.spatial[1] + (x0 + t) * g.output.spatial[2];
      for (std::int64_t o = 0; o < channels; ++o)
        to[o * g.output.channel] = activate(plan.output.activation, sums[t * channels + o] + (bias ? bias[o] : 0.0F),
                                            plan.output.float_low, plan.output.float_high);
    }
  };
  for (std::int64_t b = 0; b < g.batch; ++b)
    for (std::int64_t d = 0; d < g.out[0]; ++d)
      for (std::int64_t y = 0; y < g.out[1]; ++y)
        for (std::int64_t x = 0; x < g.out[2]; x += conv_tile) tile(b, d, y, x, std::min(conv_tile, g.out[2] - x));
}

}  // namespace qgraph
