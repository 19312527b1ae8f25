// A depthwise convolution for the kernels, whatever becomes of its sums: which pixels and taps go together, packed weights, and
// going through a line.
#pragma once

#include <vector>

#include "kernels/depthwise_s8/depthwise_s8.hpp"
#include "ops/depthwise_conv_2d.hpp"
#include "runtime/fast/channel_constants.hpp"
#include "runtime/fast/fast_kernel.hpp"

namespace qgraph::runtime {

struct Depthwise {
  kernels::DepthwiseS8Fn run = nullptr;
  ThreadPool* threads = nullptr;
  ConvGeometry geometry{};
  ChannelConstants constants{};
  AlignedVector<std::int8_t> weights{};
  std::vector<std::uint8_t> summed{};
  std::vector<std::uint8_t> border{};  ///< a line of zero points
  std::int64_t border_bytes = 0;       ///< its length
  std::int64_t result_bytes = 1;       ///< of one channel
  kernels::DepthwiseS8 layer{};        ///< of `joined` pixels
  std::int64_t channels = 0;
  std::int64_t joined = 1;  ///< neighbours that fill blocks of channels, where windows are one pixel apart
  std::int64_t taps = 0;    ///< with those of weight 0 that fill quads
  bool by_columns = false;  ///< quads are the three taps of a column, which windows side by side share; else taps go by rows
  std::int64_t first = 0, last = 0;  ///< columns whose windows lie inside
  std::size_t pointer_bytes = 0;     ///< scratch of one worker
  std::int64_t slots = 0;            ///< lines with their borders, behind the pointers; 0: windows lie in the input
  std::int64_t slot_pixels = 0, slot_bytes = 0;
  int parts = 1;
  std::vector<std::uint32_t> sums{};    ///< of a channel's weights
  std::vector<std::int32_t> offsets{};  ///< what was taken off them, for each of the layer's channels

  /// Which pixels and taps go together. False: a line is too long. `slots`: run_narrow may be used.
  bool lay_out(const ConvGeometry& from, bool may_have_slots);
  /// Weights; false: a channel's are too far apart.
  bool pack(const ops::DepthwisePlan& plan);
  /// What the layer reads, once that is where it stays. `begin(channel)` is what its sums begin with; constants are made.
  template <class Begin>
  void connect(const Candidate& candidate, const Begin& begin) {
    for (std::int64_t c = 0; c < layer.channels; ++c)
      constants.set_sums(kernels::depthwise_position(c), begin(c % channels), offsets[static_cast<std::size_t>(c)]);
    connect(candidate);
  }
  void connect(const Candidate& candidate);
};

/// Where a tap stands among those of quads.
std::int64_t place_of(const Depthwise& layer, std::int64_t fy, std::int64_t fx) noexcept;
/// Pixels side by side whose windows lie inside; pointers move.
void run_inside(const Depthwise& layer, const std::uint8_t** pointers, std::int64_t pixels, std::uint8_t* to) noexcept;
/// A line of the output.
void run_line(const Depthwise& layer, const std::uint8_t* image, const std::uint8_t* border, std::int64_t y, std::uint8_t* out,
              const std::uint8_t** pointers) noexcept;
/// Is it one output per channel of known 8-bit weights?
bool fits_depthwise(const PrepareContext& context, const ops::DepthwisePlan& plan);

}  // namespace qgraph::runtime
