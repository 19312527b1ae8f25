// Where an output place of a resized image lies in the input: shared by the resize ops.
#pragma once

#include <algorithm>
#include <cmath>

#include "ops/op_def.hpp"
#include "ops/support/layout.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {

/// asymmetric: x * scale; half_pixel: centres of pixels meet; align_corners: centres of corner pixels meet;
/// align_corners_half_pixel: both at once, which only TensorFlow Lite's nearest neighbour knows.
enum class Coordinates : std::uint8_t { asymmetric, half_pixel, align_corners, align_corners_half_pixel };
constexpr std::string_view coordinates_words[] = {"asymmetric", "half_pixel", "align_corners", "align_corners_half_pixel"};
constexpr std::span<const std::string_view> enum_words(Coordinates) { return coordinates_words; }

struct Resize {
  Coordinates coordinates = Coordinates::asymmetric;
  Layout layout = Layout::nhwc;
};
inline constexpr std::array resize_attributes{
    attr<&Resize::coordinates>("coordinates", "how output places map to input places"),
    attr<&Resize::layout>("layout", "channels last or first"),
};

constexpr bool aligned(Coordinates c) noexcept {
  return c == Coordinates::align_corners || c == Coordinates::align_corners_half_pixel;
}

/// Input pixels for each output pixel, in the float arithmetic of TensorFlow Lite's reference.
inline float resize_scale(Coordinates c, std::int64_t in, std::int64_t out) noexcept {
  return aligned(c) && out > 1 ? static_cast<float>(in - 1) / static_cast<float>(out - 1)
                               : static_cast<float>(in) / static_cast<float>(out);
}

/// The place in the input, between pixels.
inline float resize_place(Coordinates c, std::int64_t out_index, float scale) noexcept {
  const auto x = static_cast<float>(out_index);
  return c == Coordinates::half_pixel ? (x + 0.5F) * scale - 0.5F : x * scale;
}

/// The pixel of the input that is nearest, as TensorFlow Lite rounds: down, or with aligned corners half away from zero.
inline std::int64_t resize_nearest(Coordinates c, std::int64_t out_index, std::int64_t in, float scale) noexcept {
  const float offset = c == Coordinates::half_pixel || c == Coordinates::align_corners_half_pixel ? 0.5F : 0.0F;
  const float place = (static_cast<float>(out_index) + offset) * scale;
  const auto index = static_cast<std::int64_t>(aligned(c) ? std::round(place) : std::floor(place));
  return std::clamp<std::int64_t>(index, 0, in - 1);
}

/// An image as the kernels see it: with channels first, each channel is an image of depth 1.
struct ImageShape {
  std::int64_t batches, height, width, depth;
};
inline ImageShape image_shape(const Shape& s, Layout layout) noexcept {
  return layout == Layout::nhwc ? ImageShape{s[0], s[1], s[2], s[3]} : ImageShape{s[0] * s[1], s[2], s[3], 1};
}

inline Result<Types> infer_resize(const InferContext& c, std::string_view label, bool strings) {
  Shape shape = c.shape(0);
  const auto size = c.integers(1);
  if (!shape.ranked()) shape = open_shape(4);
  if (shape.rank() != 4) return constraint(label, "the image " + shape.to_string() + " has not 4 dimensions");
  if (const auto n = vector_length(c, 1); n && *n != 2) return constraint(label, "the size is not height and width");
  const std::size_t height = c.attributes<Resize>().layout == Layout::nhwc ? 1 : 2;
  for (std::size_t i : {0U, 1U}) {
    if (size && ((*size)[i] <= 0 || !sensible_dim((*size)[i])))
      return constraint(label, "the size " + Shape(*size).to_string() + " is none", Cause::invalid_attribute);
    if (size && shape[height + i] == 0) return constraint(label, "the image " + shape.to_string() + " is empty");
    shape[height + i] = size ? (*size)[i] : Shape::dynamic;
  }
  return moved(c, label, std::move(shape), strings);
}

}  // namespace qgraph::ops
