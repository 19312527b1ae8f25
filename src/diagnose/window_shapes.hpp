// Convolutions and pools of TensorFlow Lite along one axis: what window, stride, dilation and padding make of a size, and
// backwards from declared shapes to the attributes.
#pragma once

#include <optional>
#include <string>

#include "source/uses.hpp"

namespace qgraph::diagnose {

struct WindowAxis {
  std::int64_t in = 0, out = 0, window = 0, stride = 0, dilation = 0;
};
/// Axis 1 (height) or 2 (width) of a node with images, channels last. Nothing where a shape or attribute is missing. `exchanged`:
/// with input and weights in each other's place.
std::optional<WindowAxis> window_axis(const source::Model& model, source::NodeRef node, std::size_t axis, bool exchanged = false);
/// TensorFlow's SAME and VALID.
std::int64_t made_along(bool same, std::int64_t size, std::int64_t window, std::int64_t stride, std::int64_t dilation);
/// The only stride with which the op makes the declared output from the declared input; of those that leave a single window,
/// which lies where it lies, the least. `attribute`: stride_w, stride_h.
std::optional<std::int64_t> stride_from_shapes(const source::Model& model, source::NodeRef node, std::string_view attribute);
/// The padding with which height and width come out as declared; nothing where none does, or both do and mean different things.
std::optional<std::string> padding_from_shapes(const source::Model& model, source::NodeRef node);

}  // namespace qgraph::diagnose
