// What loops keep from one call of their body to the next: values, and slices collected along a new dimension.
#pragma once

#include <vector>

#include "ops/op_def.hpp"

namespace qgraph::ops {

/// A value of its own.
struct Held {
  TensorType type{};
  std::vector<std::byte> bytes{};
  void take(const View& v) {
    type = *v.type;
    bytes.assign(v.data, v.data + v.bytes);
  }
  View view() noexcept { return {bytes.data(), &type, bytes.size()}; }
  /// As output o of the node.
  bool give(const KernelArgs& args, std::size_t o) const noexcept;
};

/// The slice's shape with a dynamic dimension at the axis (of the result; negative: from the end). Of unknown rank where the
/// slice's is, or the axis is outside.
Shape collected_shape(const Shape& slice, std::int64_t axis);

/// Slices of one shape.
class Collected {
 public:
  /// False: it is of another shape than those before, or too much; the run is ended.
  bool add(const KernelArgs& args, const View& slice) noexcept;
  /// Output o: all slices along a new dimension; the last first where reversed.
  bool give(const KernelArgs& args, std::size_t o, std::int64_t axis, bool reversed) const noexcept;

 private:
  TensorType type_{};
  std::vector<std::byte> bytes_{};
  std::size_t count_ = 0, slice_bytes_ = 0;
};

}  // namespace qgraph::ops
