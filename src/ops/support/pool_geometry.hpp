// The geometry of pooling in two or three dimensions. Padding: TensorFlow's GetWindowedOutputSize; ONNX's pads and ceil_mode.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "ops/infer.hpp"
#include "ops/support/layout.hpp"

namespace qgraph {

/// What a pool's attributes say. Spatial values are depth, height, width; two dimensions leave depth at its neutral value.
struct PoolParameters {
  std::array<std::int64_t, 3> filter{1, 1, 1}, stride{1, 1, 1}, dilation{1, 1, 1}, pad_before{}, pad_after{};
  Padding padding = Padding::valid;
  bool ceil_mode = false;
  Layout layout = Layout::nhwc;
  int spatial = 2;  ///< how many of depth, height, width there are, counted from width
};

/// Constraints are named "<op>_c1" ...; dims that are not known yet stay dynamic.
Result<Shape> pool_output_shape(std::string_view op, const PoolParameters& p, const Shape& input);

/// Sizes and element strides of concrete tensors.
struct PoolGeometry {
  std::int64_t batch = 1, channels = 1;
  std::array<std::int64_t, 3> in{1, 1, 1}, out{1, 1, 1}, filter{1, 1, 1}, stride{1, 1, 1}, dilation{1, 1, 1}, pad{}, pad_after{};
  std::int64_t in_batch = 0, in_channel = 0, out_batch = 0, out_channel = 0;
  std::array<std::int64_t, 3> in_step{}, out_step{};

  PoolGeometry(const PoolParameters& p, const Shape& input, const Shape& output);
  /// The taps [first, last) of output position o along axis k that lie inside the input.
  struct Taps {
    std::int64_t first, last, origin;
  };
  Taps taps(int k, std::int64_t o) const noexcept;
  /// How many of the taps lie inside the input with its padding.
  std::int64_t padded_taps(int k, std::int64_t o) const noexcept;
};

}  // namespace qgraph
