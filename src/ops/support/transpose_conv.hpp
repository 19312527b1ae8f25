// What transpose_conv_2d and transpose_conv_3d share: every input element is spread over a window of the output.
#pragma once

#include <array>

#include "ops/kernel.hpp"
#include "ops/support/accumulator_output.hpp"
#include "ops/support/conv_geometry.hpp"
#include "ops/support/scratch.hpp"
#include "ops/support/weights.hpp"

namespace qgraph {

/// Operands: input weights bias? output_shape?
Result<Types> infer_transpose_conv(std::string_view op, const InferContext& c, const ConvParameters& p, bool dynamic_range);
struct TransposeConvRequest {
  ConvParameters parameters{};
  OutputWishes wishes{};
  bool dynamic_range = false;
};
Result<std::shared_ptr<const void>> prepare_transpose_conv(PrepareContext& c, const TransposeConvRequest& request);
void run_transpose_conv(const KernelArgs& args) noexcept;

/// What is prepared, for code outside that reads it.
struct TransposeConvPlan {
  using ScatterFn = void (*)(const TransposeConvPlan&, const void* image, std::int32_t zero_point, const void* weights,
                             void* sums) noexcept;

  ConvGeometry geometry{};
  AccumulatorOutput output{};
  PackedWeights weights{};  ///< in the order of columns
  bool floats = false, hybrid = false, wide = false;
  HybridScale input_scale{};
  ScatterFn scatter = nullptr;
  ScratchPiece sums{}, row{}, quantized{};
};

template <PrepareFn prepare>
constexpr auto transpose_conv_kernels() {
  constexpr DType weights[] = {DType::qint8, DType::quint8, DType::qint4,  DType::quint4,
                               DType::qint2, DType::quint2, DType::qint16, DType::quint16};
  constexpr DType inputs[] = {DType::float32, DType::qint8, DType::quint8, DType::qint16, DType::quint16};
  std::array<KernelDef, 1 + std::size(weights) * std::size(inputs)> rows{};
  std::size_t n = 0;
  rows[n++] = kernel(DType::float32, DType::float32, run_transpose_conv, prepare);
  for (DType w : weights)
    for (DType i : inputs) rows[n++] = kernel(w, i, run_transpose_conv, prepare);
  return rows;
}

}  // namespace qgraph
