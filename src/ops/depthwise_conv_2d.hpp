// What depthwise_conv_2d prepares, for code outside of its file that reads it.
#pragma once

#include <vector>

#include "ops/support/accumulator_output.hpp"
#include "ops/support/conv_geometry.hpp"
#include "ops/support/scratch.hpp"

namespace qgraph::ops {

struct DepthwisePlan {
  using RunFn = void (*)(const DepthwisePlan&, const KernelArgs&, const void* input, const void* weights,
                         const HybridScale* scales) noexcept;

  ConvGeometry geometry{};  ///< a group per input channel
  AccumulatorOutput output{};
  std::vector<std::byte> weights{};  ///< [tap][channel], zero points taken off; empty: made by run
  std::int64_t weight_bytes = 0;     ///< of one of these weights
  bool floats = false, hybrid = false;
  HybridScale input_scale{};
  RunFn run = nullptr;
  ScratchPiece packed{}, quantized{}, scales{}, sums{}, row{};
};

}  // namespace qgraph::ops
