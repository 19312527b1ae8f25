// Boxes of detectors: corners and how much two of them overlap, in the float arithmetic of TensorFlow Lite's kernels.
#pragma once

#include <algorithm>

namespace qgraph::ops {

struct Box {
  float y0 = 0, x0 = 0, y1 = 0, x1 = 0;
};

/// Intersection over union of boxes whose corners are in order; 0 where one is empty.
inline float overlap(const Box& a, const Box& b) noexcept {
  const float area_a = (a.y1 - a.y0) * (a.x1 - a.x0), area_b = (b.y1 - b.y0) * (b.x1 - b.x0);
  if (area_a <= 0 || area_b <= 0) return 0.0F;
  const float height = std::min(a.y1, b.y1) - std::max(a.y0, b.y0), width = std::min(a.x1, b.x1) - std::max(a.x0, b.x0);
  const float both = std::max(height, 0.0F) * std::max(width, 0.0F);
  return both / (area_a + area_b - both);
}

inline Box in_order(const Box& b) noexcept {
  return {std::min(b.y0, b.y1), std::min(b.x0, b.x1), std::max(b.y0, b.y1), std::max(b.x0, b.x1)};
}

}  // namespace qgraph::ops
