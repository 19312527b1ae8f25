// What integer kernels need of each output channel, in arrays that vectors read.
#pragma once

#include <cstdint>
#include "kernels/requantize_s8.hpp"
#include "ops/support/accumulator_output.hpp"
#include "runtime/fast/aligned.hpp"

namespace qgraph::runtime {

/// Where the constants of a channel stand.
using PositionFn = std::int64_t (*)(std::int64_t channel);

class ChannelConstants {
 public:
  /// False: this output stage is not one of 8-bit results.
  bool make(const AccumulatorOutput& stage, PositionFn position);
  /// For sums that are wanted as they are.
  void make_sums(std::int64_t channels);
  /// The constants from position `first` on; a multiple of 16.
  kernels::Requantize from(std::int64_t first) const noexcept;

  /// Sums of a channel begin with bias - zero point * sum of weights; and where weights do not fit signed bytes, `offset` is
  /// taken off them, and is to be multiplied with the sum of inputs.
  void set_sums(std::int64_t position, std::int32_t bias, std::int32_t offset) noexcept {
    bias_[static_cast<std::size_t>(position)] = bias;
    offset_[static_cast<std::size_t>(position)] = offset;
    offsets_ = offsets_ || offset != 0;
  }
  const std::int32_t* bias(std::int64_t first) const noexcept { return bias_.data() + first; }
  const std::int32_t* offset(std::int64_t first) const noexcept { return offsets_ ? offset_.data() + first : nullptr; }
  /// Results with their sign bits flipped.
  void flip() noexcept { common_.flip ^= 0x80; }
  std::size_t bytes() const noexcept;

 private:
  kernels::Requantize common_{};
  AlignedVector<std::int32_t> multiplier_{}, shift_{}, left_{}, shifted_{}, bias_{}, offset_{};
  AlignedVector<std::int64_t> addend_{};
  AlignedVector<double> factor_{};
  AlignedVector<float> scale_{}, added_{};
  bool offsets_ = false;
};

/// The part of an output stage that is about one group.
AccumulatorOutput of_group(const AccumulatorOutput& stage, std::int64_t group, std::int64_t channels);

/// What to take off weights in [least, most], which are no more than 255 apart, so that they fit signed bytes.
constexpr std::int32_t byte_offset(std::int32_t least, std::int32_t most) noexcept {
  return most > 127 ? most - 127 : least < -128 ? least + 128 : 0;
}

}  // namespace qgraph::runtime
