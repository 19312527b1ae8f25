// Index tuples into a shape: what gather_nd and scatter_nd share.
#pragma once

#include <optional>

#include "ops/support/movement.hpp"

namespace qgraph::ops {

/// The element position that index tuple `row` of `indices` (its last dimension long) names in `shape`; nothing where an
/// index is outside, which has then ended the run.
inline std::optional<std::int64_t> tuple_position(const KernelArgs& args, std::string_view op, const View& indices,
                                                  std::int64_t row, const Shape& shape, bool negative) noexcept {
  const std::int64_t depth = indices.dim(indices.rank() - 1);
  const auto strides = dense_strides(shape);
  std::int64_t position = 0;
  for (std::int64_t j = 0; j < depth; ++j) {
    const auto axis = static_cast<std::size_t>(j);
    std::int64_t index = integer_at(indices, row * depth + j);
    if (negative && index < 0) index += shape[axis];
    if (index < 0 || index >= shape[axis]) {
      fail_index(args, op, index, shape[axis]);
      return std::nullopt;
    }
    position += index * strides[axis];
  }
  return position;
}

}  // namespace qgraph::ops
