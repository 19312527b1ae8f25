// Depthwise convolutions of bytes: every output channel sees one input channel through any number of taps. Plain data only: files
// built for one instruction set include this.
#pragma once

#include "kernels/cpu.hpp"
#include "kernels/requantize_s8.hpp"

namespace qgraph::kernels {

/// Channels go by blocks of 64, in the order in which unpacking bytes to quads leaves them: position 16 j + 4 l + i of a block is
/// channel 16 l + 4 j + i. Arrays here and in Requantize are by position.
struct DepthwiseS8 {
  std::int64_t channels = 0;
  std::int64_t quads = 0;                    ///< taps / 4, rounded up
  const std::int8_t* weights = nullptr;      ///< [block][quad][position][4]
  const std::int32_t* bias = nullptr;        ///< sums begin with it
  const std::int32_t* row_factor = nullptr;  ///< times the sum of a window is added; null: nowhere
  const std::uint8_t* summed = nullptr;      ///< of each block: has it a row_factor that is not 0?
  Requantize requantize{};
  /// Quads from this one on are the first ones of the next pixel, too, since windows overlap; 0: none are.
  std::int64_t shift = 0;
  std::uint8_t input_flip = 0;  ///< 0x80 where inputs are int8
};
constexpr std::int64_t depthwise_position(std::int64_t channel) noexcept {
  return channel / 64 * 64 + channel % 16 / 4 * 16 + channel % 64 / 16 * 4 + channel % 4;
}

/// Pixels of a line. `taps`: 4 * quads pointers to the first channel under the first pixel; those under the next are `step` bytes
/// on. 64 bytes behind the last channel may be read. Pixels of the output, bytes or sums, lie side by side, channels in their
/// order.
using DepthwiseS8Fn = void (*)(const DepthwiseS8& layer, const std::uint8_t* const* taps, std::ptrdiff_t step,
                               std::int64_t pixels, std::uint8_t* output) noexcept;

struct DepthwiseS8Kernel {
  const char* name = nullptr;
  Cpu needs = Cpu::generic;
  DepthwiseS8Fn run = nullptr;
};
const DepthwiseS8Kernel& depthwise_s8(Cpu chosen) noexcept;

}  // namespace qgraph::kernels
