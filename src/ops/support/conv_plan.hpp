// One plan for everything that multiplies windows of an input with rows of weights: conv_2d, conv_3d, fully_connected.
#pragma once

#include <memory>
#include <vector>

#include "ops/support/accumulator_output.hpp"
#include "ops/support/conv_geometry.hpp"
#include "ops/support/scratch.hpp"
#include "ops/support/summation.hpp"
#include "ops/support/weights.hpp"

namespace qgraph {

struct ConvPlan;

/// Pointers of one run.
struct ConvStreams {
  const void* input = nullptr;
  const void* weights = nullptr;        ///< rows: [output][tap][input of the group]
  const HybridScale* scales = nullptr;  ///< one per plan.pixels_per_scale pixels; null: plan.input_scale for all
  View bias{}, output{};
  std::byte* scratch = nullptr;
};

/// A product of a window: where its weights lie in the packed order, its channel's offset in the input, and its place in the
/// filter.
struct WindowTap {
  std::int64_t weights = 0, channel = 0;
  std::array<std::int64_t, 3> place{};
};

struct ConvPlan {
  ConvGeometry geometry{};
  AccumulatorOutput output{};
  PackedWeights weights{};
  bool floats = false;  ///< float sums of float (or dequantized) weights
  bool hybrid = false, asymmetric = false;
  HybridScale input_scale{};          ///< the zero point of quantized input
  std::int64_t pixels_per_scale = 1;  ///< hybrid: how many consecutive outputs share a range
  std::int64_t scale_elements = 1;    ///< hybrid: how many consecutive inputs do
  std::vector<float> bias{};          ///< of the float kernel where it is stored quantized
  std::int64_t block = 0;             ///< inputs per weight scale, where weights are quantized blockwise
  std::vector<float> block_scales{};  ///< [output][block]
  std::vector<std::int64_t> block_zero_points{};
  SumBlocks sum_blocks{};           ///< of the float kernel that sums as ONNX Runtime
  bool bias_first = false;          ///< its sums start from the bias
  std::vector<WindowTap> window{};  ///< its products in order
  void (*convolve)(const ConvPlan&, const ConvStreams&) noexcept = nullptr;
  ScratchPiece packed{}, quantized_input{}, scales{}, patches{}, sums{}, row{};
};

struct ConvRequest {
  ConvGeometry geometry{};
  OutputWishes wishes{};
  bool dynamic_range = false;
  bool asymmetric = false;
  std::int64_t pixels_per_scale = 1, scale_elements = 1;
  Summation summation = Summation::separate;
  bool matrix = false;  ///< pixels are rows of a matrix, not columns
};

/// Operands 0 input, 1 weights, 2 bias (optional). For PrepareFn and KernelFn of the ops.
Result<std::shared_ptr<const void>> prepare_conv(PrepareContext& c, const ConvRequest& request);
void run_conv(const KernelArgs& args) noexcept;

/// The inner loops for storages of input and weights; null where there are none. `depth`: products in one sum.
using ConvolveFn = void (*)(const ConvPlan&, const ConvStreams&) noexcept;
struct IntegerConvolution {
  ConvolveFn run = nullptr;
  std::size_t patch_bytes = 2, sum_bytes = 4;  ///< of one element
};
IntegerConvolution integer_convolution(DType input, std::int64_t input_zero_point, DType weights) noexcept;
void convolve_float(const ConvPlan& plan, const ConvStreams& s) noexcept;
void convolve_float_blocked(const ConvPlan& plan, const ConvStreams& s) noexcept;
void convolve_blockwise(const ConvPlan& plan, const ConvStreams& s) noexcept;
/// Outputs that are worked on at once, along a row of the image.
inline constexpr std::int64_t conv_tile = 4;

}  // namespace qgraph
