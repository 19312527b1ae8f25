// The geometry of convolutions in one to three dimensions, whatever the layouts: kernels see strides only.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "ops/infer.hpp"
#include "ops/support/layout.hpp"

namespace qgraph {

/// What a convolution's attributes say. Spatial values are depth, height, width; two dimensions leave depth at its neutral value.
struct ConvParameters {
  std::array<std::int64_t, 3> stride{1, 1, 1}, dilation{1, 1, 1}, pad_before{}, pad_after{}, output_padding{};
  Padding padding = Padding::valid;
  std::int64_t groups = 0;  ///< 0: follows from the channels
  Layout layout = Layout::nhwc;
  FilterLayout filter_layout = FilterLayout::ohwi;
  int spatial = 2;  ///< how many of depth, height, width there are, counted from width
};

/// Sizes and element strides of concrete tensors.
struct ConvGeometry {
  struct Axes {
    std::int64_t batch = 0, channel = 0;
    std::array<std::int64_t, 3> spatial{};
  };
  std::int64_t batch = 1, groups = 1;
  std::int64_t group_in = 1, group_out = 1;  ///< channels of one group
  std::array<std::int64_t, 3> in{1, 1, 1}, out{1, 1, 1}, filter{1, 1, 1};
  std::array<std::int64_t, 3> stride{1, 1, 1}, dilation{1, 1, 1}, pad{};
  Axes input, output;
  std::int64_t weights_group = 0, weights_out = 0, weights_in = 0;
  std::array<std::int64_t, 3> weights_spatial{};

  std::int64_t channels_out() const noexcept { return groups * group_out; }
  std::int64_t taps() const noexcept { return filter[0] * filter[1] * filter[2]; }
  std::int64_t depth() const noexcept { return taps() * group_in; }  ///< products in one output
  std::int64_t pixels() const noexcept { return out[0] * out[1] * out[2]; }
  /// Weights lie as [output][tap][input of the group] already.
  bool weights_are_rows() const noexcept;
};

/// Positions of axes in tensors of rank spatial + 2.
std::size_t channel_axis(const ConvParameters& p) noexcept;
std::size_t spatial_axis(const ConvParameters& p, int k) noexcept;  ///< k in [3 - spatial, 3)
std::size_t filter_out_axis(const ConvParameters& p) noexcept;
std::size_t filter_in_axis(const ConvParameters& p) noexcept;
std::size_t filter_spatial_axis(const ConvParameters& p, int k) noexcept;

/// The output's shape; dims that are not known yet stay dynamic. Constraints are named "<op>_c1".. .
Result<Shape> conv_output_shape(std::string_view op, const ConvParameters& p, const Shape& input, const Shape& weights);
/// The same of a transposed convolution whose output size is not given.
Result<Shape> transpose_conv_output_shape(std::string_view op, const ConvParameters& p, const Shape& input, const Shape& weights);
/// Of concrete shapes that have passed the constraints. `transposed`: the output is the larger side.
ConvGeometry conv_geometry(const ConvParameters& p, const Shape& input, const Shape& weights, const Shape& output,
                           bool transposed);

/// Element stride of every axis of a concrete shape.
std::vector<std::int64_t> row_major_strides(const Shape& shape);

}  // namespace qgraph
