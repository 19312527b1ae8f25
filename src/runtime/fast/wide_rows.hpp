// What becomes of sums of 16-bit numbers times bytes: constants of each channel.
#pragma once

#include <vector>

#include "kernels/wide_s16/wide_s16.hpp"
#include "ops/support/accumulator_output.hpp"

namespace qgraph::runtime {

class WideFinish {
 public:
  /// False: not a stage of 16-bit results that the kernels have. `sums` are those of weights. All of it `times` times over.
  bool make(const AccumulatorOutput& output, const View& bias, const std::uint32_t* sums, std::int64_t times = 1);
  std::size_t bytes() const noexcept { return 8 * (begin_.size() + multiplier_.size() + shift_.size() + factor_.size()); }
  /// For channels from `first` on; where sums and results are is left to the caller.
  kernels::FinishS16 of(std::int64_t first) const noexcept;

 private:
  kernels::FinishS16 common_{};
  std::vector<std::int64_t> begin_{}, multiplier_{}, shift_{};
  std::vector<double> factor_{};
};

/// Is the input of 16 bits without zero point, and a bias, where there is one, known?
bool fits_wide(const PrepareContext& context, std::int64_t input_zero_point, std::int64_t depth);

}  // namespace qgraph::runtime
