// Shapes and strides of convolutions. Padding: TensorFlow's GetWindowedOutputSize; ONNX's auto_pad for same_lower and explicit.
#include "ops/support/conv_geometry.hpp"

#include <string>

namespace qgraph {
namespace {

constexpr std::int64_t size_limit = std::int64_t{1} << 31;
std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

Report broken(std::string_view op, int number, std::string message, Cause cause = Cause::shape_mismatch) {
  return constraint(std::string(op) + "_c" + std::to_string(number), std::move(message), cause);
}

/// The tap-to-tap reach of a filter along one axis.
std::int64_t reach(std::int64_t filter, std::int64_t dilation) { return (filter - 1) * dilation + 1; }

Status check_parameters(std::string_view op, const ConvParameters& p) {
  for (std::size_t k = 0; k < 3; ++k) {  // c1
    if (p.stride[k] < 1 || p.stride[k] >= size_limit) return broken(op, 1, "strides must be positive", Cause::invalid_attribute);
    if (p.dilation[k] < 1 || p.dilation[k] >= size_limit)
      return broken(op, 1, "dilations must be positive", Cause::invalid_attribute);
    if (std::abs(p.pad_before[k]) >= size_limit || std::abs(p.pad_after[k]) >= size_limit)
      return broken(op, 1, "padding is out of range", Cause::invalid_attribute);
    if (p.output_padding[k] < 0 || p.output_padding[k] >= size_limit)
      return broken(op, 1, "output padding is out of range", Cause::invalid_attribute);
  }
  if (p.groups < 0) return broken(op, 1, "groups must not be negative", Cause::invalid_attribute);
  return Done{};
}

Status check_ranks(std::string_view op, const ConvParameters& p, const Shape& input, const Shape& weights) {
  const auto rank = static_cast<std::size_t>(p.spatial) + 2;
  for (const Shape* shape : {&input, &weights}) {  // c2
    if (!shape->ranked()) continue;
    if (shape->rank() != rank)
      return broken(op, 2,
                    std::string(shape == &input ? "input" : "weights") + " must have rank " + std::to_string(rank) + ", has " +
                        shape->to_string());
    for (std::int64_t d : *shape)
      if (d >= size_limit || d < -1) return broken(op, 2, "a dimension is out of range: " + shape->to_string());
  }
  if (weights.ranked())
    for (std::int64_t d : weights)
      if (d == 0) return broken(op, 2, "weights must not be empty: " + weights.to_string());
  return Done{};
}

/// Output channels (-1 unknown) of an ordinary convolution, its groups checked.
Result<std::int64_t> check_channels(std::string_view op, const ConvParameters& p, const Shape& input, const Shape& weights,
                                    bool transposed) {
  if (!weights.ranked()) return std::int64_t{-1};
  const std::int64_t out = weights[filter_out_axis(p)], in = weights[filter_in_axis(p)];
  const std::int64_t channels = input.ranked() ? input[channel_axis(p)] : -1;
  if (transposed) {
    const std::int64_t groups = p.groups == 0 ? 1 : p.groups;
    if (channels >= 0 && in >= 0 && channels != in)  // c3
      return broken(op, 3, "input has " + std::to_string(channels) + " channels, weights want " + std::to_string(in));
    if (in >= 0 && in % groups != 0)
      return broken(op, 4, std::to_string(groups) + " groups do not divide " + std::to_string(in) + " channels");
    if (out >= 0 && out > size_limit / groups) return broken(op, 4, "too many output channels");
    return out < 0 ? out : out * groups;
  }
  if (channels < 0 || in < 0) return out;
  if (channels % in != 0 || channels == 0)  // c3
    return broken(op, 3, "input has " + std::to_string(channels) + " channels, weights want " + std::to_string(in));
  const std::int64_t groups = channels / in;
  if (p.groups != 0 && p.groups != groups)  // c4
    return broken(op, 4,
                  "groups is " + std::to_string(p.groups) + ", but the channels are in " + std::to_string(groups) + " groups");
  if (out >= 0 && out % groups != 0)
    return broken(op, 4, std::to_string(groups) + " groups do not divide " + std::to_string(out) + " output channels");
  return out;
}

Shape with_channels(const ConvParameters& p, const Shape& input, std::int64_t channels) {
  Shape out(std::vector<std::int64_t>(static_cast<std::size_t>(p.spatial) + 2, Shape::dynamic));
  if (input.ranked()) out[0] = input[0];
  out[channel_axis(p)] = channels;
  return out;
}

}  // namespace

std::size_t channel_axis(const ConvParameters& p) noexcept { return p.layout == Layout::nhwc ? at(p.spatial) + 1 : 1; }
std::size_t spatial_axis(const ConvParameters& p, int k) noexcept {
  return at(k - (3 - p.spatial)) + (p.layout == Layout::nhwc ? 1U : 2U);
}
std::size_t filter_out_axis(const ConvParameters& p) noexcept {
  const std::size_t n = at(p.spatial);
  switch (p.filter_layout) {
    case FilterLayout::hwio: return n + 1;
    case FilterLayout::hwoi: return n;
    case FilterLayout::iohw: return 1;
    default: return 0;
  }
}
std::size_t filter_in_axis(const ConvParameters& p) noexcept {
  const std::size_t n = at(p.spatial);
  switch (p.filter_layout) {
    case FilterLayout::ohwi:
    case FilterLayout::hwoi: return n + 1;
    case FilterLayout::hwio: return n;
    case FilterLayout::oihw: return 1;
    default: return 0;
  }
}
std::size_t filter_spatial_axis(const ConvParameters& p, int k) noexcept {
  const std::size_t i = at(k - (3 - p.spatial));
  switch (p.filter_layout) {
    case FilterLayout::ohwi: return i + 1;
    case FilterLayout::hwio:
    case FilterLayout::hwoi: return i;
    default: return i + 2;
  }
}

std::vector<std::int64_t> row_major_strides(const Shape& shape) {
  std::vector<std::int64_t> strides(shape.rank(), 1);
  for (std::size_t i = shape.rank(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

Result<Shape> conv_output_shape(std::string_view op, const ConvParameters& p, const Shape& input, const Shape& weights) {
  if (auto s = check_parameters(op, p); !s) return std::move(s).error();
  if (auto s = check_ranks(op, p, input, weights); !s) return std::move(s).error();
  auto channels = check_channels(op, p, input, weights, false);
  if (!channels) return std::move(channels).error();
  Shape out = with_channels(p, input, *channels);
  if (!input.ranked()) return out;
  for (int k = 3 - p.spatial; k < 3; ++k) {
    const std::size_t i = at(k), axis = spatial_axis(p, k);
    const std::int64_t size = input[axis];
    if (size < 0) continue;
    if (p.padding == Padding::same || p.padding == Padding::same_lower) {
      out[axis] = (size + p.stride[i] - 1) / p.stride[i];
      continue;
    }
    if (!weights.ranked() || weights[filter_spatial_axis(p, k)] < 0) continue;
    const std::int64_t span = reach(weights[filter_spatial_axis(p, k)], p.dilation[i]);
    const std::int64_t padded = size + (p.padding == Padding::explicit_ ? p.pad_before[i] + p.pad_after[i] : 0);
    if (padded < span - p.stride[i])  // c5
      return broken(op, 5, "the filter spans " + std::to_string(span) + " of " + std::to_string(padded) + " elements");
    out[axis] = padded < span ? 0 : (padded - span) / p.stride[i] + 1;
  }
  return out;
}

Result<Shape> transpose_conv_output_shape(std::string_view op, const ConvParameters& p, const Shape& input,
                                          const Shape& weights) {
  if (auto s = check_parameters(op, p); !s) return std::move(s).error();
  if (auto s = check_ranks(op, p, input, weights); !s) return std::move(s).error();
  auto channels = check_channels(op, p, input, weights, true);
  if (!channels) return std::move(channels).error();
  Shape out = with_channels(p, input, *channels);
  if (!input.ranked() || !weights.ranked()) return out;
  for (int k = 3 - p.spatial; k < 3; ++k) {
    const std::size_t i = at(k), axis = spatial_axis(p, k);
    const std::int64_t size = input[axis], filter = weights[filter_spatial_axis(p, k)];
    if (size < 0 || filter < 0) continue;
    const std::int64_t span = reach(filter, p.dilation[i]);
    switch (p.padding) {
      case Padding::valid: out[axis] = size * p.stride[i] + std::max<std::int64_t>(span - p.stride[i], 0); break;
      case Padding::explicit_:
        out[axis] = (size - 1) * p.stride[i] + span - p.pad_before[i] - p.pad_after[i] + p.output_padding[i];
        break;
      default: out[axis] = size * p.stride[i];
    }
    if (out[axis] < 0 || out[axis] >= size_limit) return broken(op, 5, "the output's size is out of range");  // c5
  }
  return out;
}

ConvGeometry conv_geometry(const ConvParameters& p, const Shape& input, const Shape& weights, const Shape& output,
                           bool transposed) {
  ConvGeometry g;
  const auto in_strides = row_major_strides(input), out_strides = row_major_strides(output),
             w_strides = row_major_strides(weights);
  const std::size_t c = channel_axis(p), o = filter_out_axis(p), i = filter_in_axis(p);
  g.batch = input[0];
  g.groups = transposed ? std::max<std::int64_t>(p.groups, 1) : input[c] / weights[i];
  g.group_in = transposed ? weights[i] / g.groups : weights[i];
  g.group_out = transposed ? weights[o] : weights[o] / g.groups;
  g.input = {in_strides[0], in_strides[c], {}};
  g.output = {out_strides[0], out_strides[c], {}};
  g.weights_out = w_strides[o];
  g.weights_in = w_strides[i];
  g.weights_group = transposed ? g.group_in * w_strides[i] : g.group_out * w_strides[o];
  for (int k = 3 - p.spatial; k < 3; ++k) {
    const std::size_t n = at(k), axis = spatial_axis(p, k), f = filter_spatial_axis(p, k);
    g.in[n] = input[axis];
    g.out[n] = output[axis];
    g.filter[n] = weights[f];
    g.stride[n] = p.stride[n];
    g.dilation[n] = p.dilation[n];
    g.input.spatial[n] = in_strides[axis];
    g.output.spatial[n] = out_strides[axis];
    g.weights_spatial[n] = w_strides[f];
    const std::int64_t large = transposed ? g.out[n] : g.in[n], small = transposed ? g.in[n] : g.out[n];
    const std::int64_t total = std::max<std::int64_t>((small - 1) * g.stride[n] + reach(g.filter[n], g.dilation[n]) - large, 0);
    switch (p.padding) {
      case Padding::explicit_: g.pad[n] = p.pad_before[n]; break;
      case Padding::same_lower: g.pad[n] = total - total / 2; break;
      default: g.pad[n] = total / 2;
    }
    if (!transposed && p.padding == Padding::valid) g.pad[n] = 0;
  }
  return g;
}

bool ConvGeometry::weights_are_rows() const noexcept {
  return weights_in == 1 && weights_out == depth() && weights_group == group_out * depth() && weights_spatial[2] == group_in &&
         weights_spatial[1] == filter[2] * group_in && (filter[0] == 1 || weights_spatial[0] == filter[1] * filter[2] * group_in);
}

}  // namespace qgraph
