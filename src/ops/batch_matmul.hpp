// Attributes of batch_matmul, and what it prepares.
#pragma once

#include <vector>

#include "ops/support/accumulator_output.hpp"
#include "ops/support/scratch.hpp"
#include "ops/support/summation.hpp"

namespace qgraph::ops {

struct BatchMatmul {
  bool adj_x = false, adj_y = false;
  Rounding rounding = Rounding::double_rounding;
  bool dynamic_range = false;
  bool asymmetric_inputs = false;
  Summation summation = Summation::separate;
};

struct BatchMatmulPlan {
  Summation summation = Summation::separate;
  SumBlocks sum_blocks{};
  std::int64_t m = 0, n = 0, k = 0, batches = 1;
  std::int64_t x_row = 0, x_depth = 0;               ///< element strides of x
  std::vector<std::int64_t> x_matrix{}, y_matrix{};  ///< of each batch: which matrix of x and of y
  bool hybrid = false, asymmetric = false, adj_y = false, zero_points_apply = true;
  AccumulatorOutput output{};
  std::vector<std::byte> y{};  ///< constant y, packed
  void (*multiply)(const BatchMatmulPlan&, const KernelArgs&, const void* y) noexcept = nullptr;
  void (*pack)(const BatchMatmulPlan&, const View&, void*) noexcept = nullptr;
  ScratchPiece packed{}, x_values{}, x_stored{}, sums{}, row{}, column_sums{};
};

}  // namespace qgraph::ops
