// Weights in the order in which kernels read them. Constants are packed once, in prepare; others at the start of each run.
#pragma once

#include <cstdint>
#include <vector>

#include "ops/kernel.hpp"
#include "ops/support/conv_geometry.hpp"
#include "ops/support/scratch.hpp"

namespace qgraph {

enum class WeightOrder : std::uint8_t {
  rows,     ///< [group][output][tap][input]: sums of products run along memory
  columns,  ///< [group][tap][input][output]: all outputs of one input lie together
};

struct PackedWeights {
  DType storage = DType::int8;  ///< of an element when packed: no sub-byte storage
  WeightOrder order = WeightOrder::rows;
  bool as_stored = false;                   ///< the operand itself serves
  std::vector<std::byte> constant{};        ///< packed in prepare
  std::vector<std::int32_t> zero_points{};  ///< empty: all 0; else one, or one per output channel
  ScratchPiece scratch{};                   ///< where run packs weights that are not constant

  std::int32_t zero_point(std::int64_t channel) const noexcept {
    return zero_points.size() == 1 ? zero_points[0] : zero_points[static_cast<std::size_t>(channel)];
  }
  /// The packed weights of this run.
  const std::byte* of(const View& weights, const ConvGeometry& g, std::byte* memory) const noexcept;
};

/// Plans, and packs where the operand is a constant. `dequantized`: to float32, zero points and scales applied.
Result<PackedWeights> pack_weights(const View& weights, const ConvGeometry& g, WeightOrder order, bool dequantized,
                                   Scratch& scratch);

}  // namespace qgraph
