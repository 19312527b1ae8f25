// Attributes of conv_2d, for code outside of its file that reads them.
#pragma once

#include "ops/requantize.hpp"
#include "ops/support/activation.hpp"
#include "ops/support/conv_geometry.hpp"
#include "ops/support/summation.hpp"

namespace qgraph::ops {

struct Conv2d {
  std::int64_t stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  Padding padding = Padding::valid;
  std::int64_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  std::int64_t groups = 0;
  Activation activation = Activation::none;
  Layout layout = Layout::nhwc;
  FilterLayout filter_layout = FilterLayout::ohwi;
  Rounding rounding = Rounding::double_rounding;
  bool dynamic_range = false;
  bool asymmetric_inputs = false;
  bool narrow_accumulator = false;
  Summation summation = Summation::separate;

  ConvParameters parameters() const {
    return {.stride = {1, stride_h, stride_w},
            .dilation = {1, dilation_h, dilation_w},
            .pad_before = {0, pad_top, pad_left},
            .pad_after = {0, pad_bottom, pad_right},
            .padding = padding,
            .groups = groups,
            .layout = layout,
            .filter_layout = filter_layout,
            .spatial = 2};
  }
};

}  // namespace qgraph::ops
