// Reals of a quantized tensor: per tensor, per axis and blockwise.
#pragma once

#include <algorithm>
#include <cstdint>

#include "ops/support/unpack_sub_byte.hpp"
#include "qgraph/tensor.hpp"

namespace qgraph {

/// Which scale belongs to element i of a concrete, quantized type.
struct ScaleIndex {
  std::int64_t inner = 1, axis_size = 1, block = 1, blocks = 1;
  bool single = true;

  explicit ScaleIndex(const TensorType& type) noexcept {
    const Quantization* q = type.quantization();
    if (!q || q->per_tensor() || q->scales.size() <= 1) return;
    set(type.shape, q->axis, q->block_size);
  }
  /// The same for scales that are an operand: `count` of them.
  ScaleIndex(const Shape& shape, std::int64_t axis, std::int64_t block_size, std::int64_t count) noexcept {
    if (count > 1) set(shape, axis, block_size);
  }
  std::size_t operator()(std::int64_t i) const noexcept {
    if (single) return 0;
    const std::int64_t along = i / inner % axis_size;
    if (!blockwise) return static_cast<std::size_t>(along);
    return static_cast<std::size_t>((i / (inner * axis_size) * blocks + along / block) * inner + i % inner);
  }

 private:
  bool blockwise = false;

  void set(const Shape& shape, std::int64_t axis, std::int64_t block_size) noexcept {
    const auto rank = static_cast<std::int64_t>(shape.rank());
    if (axis < 0) axis += rank;
    if (axis < 0 || axis >= rank) return;
    single = false;
    axis_size = shape[static_cast<std::size_t>(axis)];
    for (auto i = static_cast<std::size_t>(axis) + 1; i < shape.rank(); ++i) inner *= shape[i];
    blockwise = block_size > 0;
    block = blockwise ? block_size : 1;
    blocks = (axis_size + block - 1) / block;
  }
};

/// How many scales a concrete type must have for ScaleIndex to stay inside them.
inline std::int64_t scales_wanted(const TensorType& type) noexcept {
  const ScaleIndex index(type);
  if (index.single) return 1;
  const std::int64_t n = type.shape.elements().value_or(0);
  return n == 0 ? 1 : static_cast<std::int64_t>(index(n - 1)) + 1;
}

/// float(stored - zero_point) * scale for each element; `type` is quantized with as many scales as scales_wanted() says.
inline void dequantize_values(const std::byte* bytes, const TensorType& type, float* to) noexcept {
  const Quantization& q = *type.quantization();
  const DType storage = type.storage();
  const std::int64_t n = type.shape.elements().value_or(0);
  const ScaleIndex index(type);
  for (std::int64_t i = 0; i < n; ++i) {
    const std::size_t s = index(i);
    to[i] = static_cast<float>(integer_at(bytes, storage, i) - q.zero_point(s)) * q.scales[s];
  }
}

}  // namespace qgraph
