// Rows of reals that become bytes on the fly, as the reference's dynamic range kernels do it.
#pragma once

#include <vector>

#include "kernels/hybrid_f32/hybrid_f32.hpp"
#include "ops/support/accumulator_output.hpp"
#include "ops/support/hybrid_quantize.hpp"
#include "runtime/thread_pool.hpp"

namespace qgraph::runtime {

struct HybridRows {
  const kernels::HybridF32Kernel* kernel = nullptr;
  bool asymmetric = false;

  HybridStep step(const float* values, std::int64_t n, const kernels::RangeF32& range) const noexcept;
  HybridStep step(const float* values, std::int64_t n) const noexcept { return step(values, n, kernel->range(values, n)); }
  /// Of n values, by threads; `partial` has room for `parts`.
  kernels::RangeF32 range(ThreadPool* threads, int parts, const float* values, std::int64_t n,
                          kernels::RangeF32* partial) const noexcept;
  /// Elements [begin, end) of a range of n values, as bytes whose sign bit is flipped.
  void store(const HybridStep& step, const float* values, std::int64_t n, std::int64_t begin, std::int64_t end,
             std::uint8_t* out) const noexcept;
};

/// What becomes of sums of bytes: constants of each channel. `output` is of kind hybrid.
class HybridFinish {
 public:
  void make(const AccumulatorOutput& output, const std::uint32_t* sums, const float* bias, std::int64_t times = 1);
  std::size_t bytes() const noexcept { return 4 * (sums_.size() + scales_.size() + bias_.size()); }
  /// For channels from `first` on; where sums and results are is left to the caller.
  kernels::FinishF32 of(std::int64_t first, HybridScale scale) const noexcept;

 private:
  kernels::FinishF32 common_{};
  std::vector<std::int32_t> sums_{};
  std::vector<float> scales_{}, bias_{};
};

/// Can sums become reals by the kernels? A bias, where there is one, is known and float.
bool fits_hybrid_finish(const PrepareContext& context, const AccumulatorOutput& output);

}  // namespace qgraph::runtime
