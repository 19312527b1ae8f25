// Shapes, strides and windows of pooling.
#include "ops/support/pool_geometry.hpp"

#include <algorithm>
#include <string>

namespace qgraph {
namespace {

constexpr std::int64_t size_limit = std::int64_t{1} << 31;
std::size_t spatial_axis(const PoolParameters& p, std::size_t k) noexcept {
  return k + static_cast<std::size_t>(p.spatial) - 3 + (p.layout == Layout::nhwc ? 1U : 2U);
}
std::size_t channel_axis(const PoolParameters& p) noexcept {
  return p.layout == Layout::nhwc ? static_cast<std::size_t>(p.spatial) + 1 : 1;
}
std::size_t first_axis(const PoolParameters& p) noexcept { return static_cast<std::size_t>(3 - p.spatial); }

Report broken(std::string_view op, int number, std::string message, Cause cause = Cause::shape_mismatch) {
  return constraint(std::string(op) + "_c" + std::to_string(number), std::move(message), cause);
}

}  // namespace

Result<Shape> pool_output_shape(std::string_view op, const PoolParameters& p, const Shape& input) {
  for (std::size_t k = 0; k < 3; ++k) {  // c1
    for (std::int64_t v : {p.filter[k], p.stride[k], p.dilation[k]})
      if (v < 1 || v >= size_limit)
        return broken(op, 1, "filters, strides and dilations must be positive", Cause::invalid_attribute);
    for (std::int64_t v : {p.pad_before[k], p.pad_after[k]})
      if (v < 0 || v >= size_limit) return broken(op, 1, "padding is out of range", Cause::invalid_attribute);
  }
  if (!input.ranked()) return Shape(std::vector<std::int64_t>(static_cast<std::size_t>(p.spatial) + 2, Shape::dynamic));
  if (input.rank() != static_cast<std::size_t>(p.spatial) + 2)  // c2
    return broken(op, 2, "input must have rank " + std::to_string(p.spatial + 2) + ", has " + input.to_string());
  Shape out = input;
  for (std::size_t k = first_axis(p); k < 3; ++k) {
    const std::size_t axis = spatial_axis(p, k);
    const std::int64_t size = input[axis], stride = p.stride[k];
    if (size < 0) continue;
    if (size >= size_limit) return broken(op, 2, "a dimension is out of range: " + input.to_string());
    if (p.padding == Padding::same || p.padding == Padding::same_lower) {
      out[axis] = (size + stride - 1) / stride;
      continue;
    }
    const std::int64_t span = (p.filter[k] - 1) * p.dilation[k] + 1;
    const std::int64_t padded = size + (p.padding == Padding::explicit_ ? p.pad_before[k] + p.pad_after[k] : 0);
    if (padded < span - stride)  // c3
      return broken(op, 3, "the window spans " + std::to_string(span) + " of " + std::to_string(padded) + " elements");
    const std::int64_t slack = padded - span;
    std::int64_t n = slack < 0 ? 0 : slack / stride + 1;
    if (p.ceil_mode && slack >= 0 && slack % stride != 0 &&
        n * stride < size + (p.padding == Padding::explicit_ ? p.pad_before[k] : 0))
      ++n;
    out[axis] = n;
  }
  return out;
}

PoolGeometry::PoolGeometry(const PoolParameters& p, const Shape& input, const Shape& output) {
  const auto steps = [](const Shape& shape) {
    std::array<std::int64_t, 5> s{1, 1, 1, 1, 1};
    for (std::size_t i = shape.rank(); i-- > 1;) s[i - 1] = s[i] * shape[i];
    return s;
  };
  const auto in_strides = steps(input), out_strides = steps(output);
  const std::size_t c = channel_axis(p);
  batch = input[0];
  channels = input[c];
  in_batch = in_strides[0];
  out_batch = out_strides[0];
  in_channel = in_strides[c];
  out_channel = out_strides[c];
  for (std::size_t k = first_axis(p); k < 3; ++k) {
    const std::size_t axis = spatial_axis(p, k);
    in[k] = input[axis];
    out[k] = output[axis];
    in_step[k] = in_strides[axis];
    out_step[k] = out_strides[axis];
    filter[k] = p.filter[k];
    stride[k] = p.stride[k];
    dilation[k] = p.dilation[k];
    const std::int64_t span = (filter[k] - 1) * dilation[k] + 1;
    const std::int64_t total = std::max<std::int64_t>((out[k] - 1) * stride[k] + span - in[k], 0);
    switch (p.padding) {
      case Padding::valid: break;
      case Padding::explicit_:
        pad[k] = p.pad_before[k];
        pad_after[k] = p.pad_after[k];
        break;
      case Padding::same:
        pad[k] = total / 2;
        pad_after[k] = total - total / 2;
        break;
      case Padding::same_lower:
        pad[k] = total - total / 2;
        pad_after[k] = total / 2;
        break;
    }
  }
}

PoolGeometry::Taps PoolGeometry::taps(int axis, std::int64_t o) const noexcept {
  const auto k = static_cast<std::size_t>(axis);
  const std::int64_t origin = o * stride[k] - pad[k];
  const std::int64_t first = origin >= 0 ? 0 : (-origin + dilation[k] - 1) / dilation[k];
  const std::int64_t room = in[k] - origin;
  const std::int64_t last = room <= 0 ? 0 : std::min(filter[k], (room + dilation[k] - 1) / dilation[k]);
  return {first, std::max(first, last), origin};
}

std::int64_t PoolGeometry::padded_taps(int axis, std::int64_t o) const noexcept {
  const auto k = static_cast<std::size_t>(axis);
  const std::int64_t room = in[k] + pad_after[k] - (o * stride[k] - pad[k]);
  return room <= 0 ? 0 : std::min(filter[k], (room + dilation[k] - 1) / dilation[k]);
}

}  // namespace qgraph
