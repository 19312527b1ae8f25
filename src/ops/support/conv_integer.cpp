// Inner loops of integer convolutions: windows of the input are gathered with their zero point taken off (so the border is 0),
// then multiplied with rows of weights. A weight zero point z costs one subtraction: sum(x * (w - z)) = sum(x * w) - z * sum(x).
#include <algorithm>
#include <limits>

#include "ops/support/conv_plan.hpp"

namespace qgraph {
namespace {

/// Products that surely fit an int32 sum: 8-bit operands make less than 2^17, 16 x 8 bits less than 2^24.
template <class P, class W, class Acc>
constexpr std::int64_t block = sizeof(P) == 4 || sizeof(W) == 2 ? 1
                               : sizeof(Acc) == 4               ? 1 << 14
                                                                : 1 << 7;

/// Sums of n products of each of `Rows` windows, `step` elements apart, with one row of weights.
template <int Rows, class P, class W, class Acc>
void dot(const P* x, std::int64_t step, const W* w, std::int64_t n, Acc* sums) noexcept {
  using Wide = std::conditional_t<block<P, W, Acc> == 1, std::int64_t, std::int32_t>;
  for (int r = 0; r < Rows; ++r) sums[r] = 0;
  const std::int64_t length = block<P, W, Acc> == 1 ? n : block<P, W, Acc>;
  for (std::int64_t begin = 0; begin < n; begin += length) {
    const std::int64_t end = std::min(n, begin + length);
    const P *x0 = x, *x1 = x + (Rows > 1 ? step : 0), *x2 = x + (Rows > 2 ? 2 * step : 0), *x3 = x + (Rows > 3 ? 3 * step : 0);
    Wide s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    for (std::int64_t i = begin; i < end; ++i) {
      const auto v = static_cast<Wide>(w[i]);
      s0 += static_cast<Wide>(x0[i]) * v;
      if constexpr (Rows > 1) s1 += static_cast<Wide>(x1[i]) * v;
      if constexpr (Rows > 2) s2 += static_cast<Wide>(x2[i]) * v;
      if constexpr (Rows > 3) s3 += static_cast<Wide>(x3[i]) * v;
    }
    const Wide partial[4] = {s0, s1, s2, s3};
    using Unsigned = std::make_unsigned_t<Acc>;
    for (int r = 0; r < Rows; ++r) sums[r] = static_cast<Acc>(static_cast<Unsigned>(sums[r]) + static_cast<Unsigned>(partial[r]));
  }
}

/// The window of output (d, y, x): [tap][input of the group].
template <class X, class P>
void gather(const ConvGeometry& g, const X* input, std::int64_t d, std::int64_t y, std::int64_t x, std::int32_t zero_point,
            P* to) noexcept {
  const std::array<std::int64_t, 3> origin{d * g.stride[0] - g.pad[0], y * g.stride[1] - g.pad[1], x * g.stride[2] - g.pad[2]};
  const auto inside = [&](std::size_t k, std::int64_t tap, std::int64_t& at) {
    at = origin[k] + tap * g.dilation[k];
    return at >= 0 && at < g.in[k];
  };
  const auto z = static_cast<P>(zero_point);
  for (std::int64_t fd = 0; fd < g.filter[0]; ++fd)
    for (std::int64_t fy = 0; fy < g.filter[1]; ++fy)
      for (std::int64_t fx = 0; fx < g.filter[2]; ++fx, to += g.group_in) {
        std::int64_t id = 0, iy = 0, ix = 0;
        if (!inside(0, fd, id) || !inside(1, fy, iy) || !inside(2, fx, ix)) {
          std::fill_n(to, g.group_in, P{0});
          continue;
        }
        const X* from = input + id * g.input.spatial[0] + iy * g.input.spatial[1] + ix * g.input.spatial[2];
        if (g.input.channel == 1)
          for (std::int64_t i = 0; i < g.group_in; ++i) to[i] = static_cast<P>(from[i] - z);
        else
          for (std::int64_t i = 0; i < g.group_in; ++i) to[i] = static_cast<P>(from[i * g.input.channel] - z);
      }
}

template <class X, class W, class P, class Acc>
void convolve(const ConvPlan& plan, const ConvStreams& s) noexcept {
  const ConvGeometry& g = plan.geometry;
  const std::int64_t depth = g.depth(), channels = g.channels_out();
  auto* patches = plan.patches.in<P>(s.scratch);
  auto* sums = plan.sums.in<Acc>(s.scratch);
  auto* row = plan.row.in<std::int32_t>(s.scratch);
  const auto* weights = static_cast<const W*>(s.weights);
  const bool offset_weights = !plan.weights.zero_points.empty();

  const auto tile = [&](std::int64_t b, std::int64_t d, std::int64_t y, std::int64_t x0, std::int64_t n) {
    const auto scale_of = [&](std::int64_t x) {
      if (!s.scales) return plan.input_scale;
      return s.scales[(((b * g.out[0] + d) * g.out[1] + y) * g.out[2] + x) / plan.pixels_per_scale];
    };
    for (std::int64_t group = 0; group < g.groups; ++group) {
      const X* input = static_cast<const X*>(s.input) + b * g.input.batch + group * g.group_in * g.input.channel;
      std::int64_t totals[conv_tile] = {};
      for (std::int64_t t = 0; t < n; ++t) {
        P* patch = patches + t * depth;
        gather(g, input, d, y, x0 + t, scale_of(x0 + t).zero_point, patch);
        if (offset_weights)
          for (std::int64_t i = 0; i < depth; ++i) totals[t] += patch[i];
      }
      for (std::int64_t o = group * g.group_out; o < (group + 1) * g.group_out; ++o) {
        Acc dots[conv_tile];
        if (n == conv_tile)
          dot<conv_tile>(patches, depth, weights + o * depth, depth, dots);
        else
          for (std::int64_t t = 0; t < n; ++t) dot<1>(patches + t * depth, depth, weights + o * depth, depth, dots + t);
        for (std::int64_t t = 0; t < n; ++t) {
          if (offset_weights) dots[t] = static_cast<Acc>(dots[t] - totals[t] * plan.weights.zero_point(o));
          sums[t * channels + o] = dots[t];
        }
      }
    }
    for (std::int64_t t = 0; t < n; ++t) {
      const std::int64_t first =
          b * g.output.batch + d * g.output.spatial[0] + y * g.output.spatial[1] + (x0 + t) * g.output.spatial[2];
      plan.output.write(sums + t * channels, s.bias, scale_of(x0 + t), s.output, first, g.output.channel, row);
    }
  };
  for (std::int64_t b = 0; b < g.batch; ++b)
    for (std::int64_t d = 0; d < g.out[0]; ++d)
      for (std::int64_t y = 0; y < g.out[1]; ++y)
        for (std::int64_t x = 0; x < g.out[2]; x += conv_tile) tile(b, d, y, x, std::min(conv_tile, g.out[2] - x));
}

template <class X, class P, class Acc>
ConvolveFn with_weights(DType weights) noexcept {
  switch (weights) {
    case DType::int8: return convolve<X, std::int8_t, P, Acc>;
    case DType::uint8: return convolve<X, std::uint8_t, P, Acc>;
    default: return nullptr;
  }
}
template <class X>
ConvolveFn with_wide_weights(DType weights) noexcept {
  switch (weights) {
    case DType::int8: return convolve<X, std::int8_t, std::int32_t, std::int64_t>;
    case DType::uint8: return convolve<X, std::uint8_t, std::int32_t, std::int64_t>;
    case DType::int16: return convolve<X, std::int16_t, std::int32_t, std::int64_t>;
    case DType::uint16: return convolve<X, std::uint16_t, std::int32_t, std::int64_t>;
    default: return nullptr;
  }
}

}  // namespace

IntegerConvolution integer_convolution(DType input, std::int64_t zero_point, DType weights) noexcept {
  const IntegerRange range = integer_range(input);
  if (zero_point < range.min || zero_point > range.max) return {};
  if (bits(weights) == 8) {
    if (input == DType::int8) return {with_weights<std::int8_t, std::int16_t, std::int32_t>(weights), 2, 4};
    if (input == DType::uint8) return {with_weights<std::uint8_t, std::int16_t, std::int32_t>(weights), 2, 4};
    if (input == DType::int16 && zero_point == 0) return {with_weights<std::int16_t, std::int16_t, std::int64_t>(weights), 2, 8};
  }
  switch (input) {
    case DType::int8: return {with_wide_weights<std::int8_t>(weights), 4, 8};
    case DType::uint8: return {with_wide_weights<std::uint8_t>(weights), 4, 8};
    case DType::int16: return {with_wide_weights<std::int16_t>(weights), 4, 8};
    case DType::uint16: return {with_wide_weights<std::uint16_t>(weights), 4, 8};
    default: return {};
  }
}

}  // namespace qgraph
