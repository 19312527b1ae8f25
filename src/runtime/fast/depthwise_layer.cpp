// Laying out, packing and going through depthwise convolutions.
#include "runtime/fast/depthwise_layer.hpp"

#include <algorithm>
#include <numeric>

namespace qgraph::runtime {
namespace {

constexpr std::int64_t block = 64;  ///< channels
constexpr std::int64_t products_worth_splitting = 1 << 17;
/// Pixels that are taken as one of so many channels.
constexpr std::int64_t most_joined = 8;
constexpr std::int64_t most_taps = 4096;
/// Lines of no more bytes are copied with their borders: that takes less time than to point at the windows of each end.
constexpr std::int64_t narrow_line = 2048, most_slots = 16;
constexpr std::int64_t most_border = 1 << 26;  ///< bytes

/// What the taps of an output pixel see.
void point(const Depthwise& d, const std::uint8_t* image, const std::uint8_t* border, std::int64_t y, std::int64_t x,
           const std::uint8_t** to) noexcept {
  const ConvGeometry& g = d.geometry;
  for (std::int64_t tap = 0; tap < d.taps; ++tap) to[tap] = border;
  for (std::int64_t fy = 0; fy < g.filter[1]; ++fy) {
    const std::int64_t iy = y * g.stride[1] - g.pad[1] + fy * g.dilation[1];
    const bool inside = iy >= 0 && iy < g.in[1];
    std::int64_t ix = x * g.stride[2] - g.pad[2];
    for (std::int64_t fx = 0; fx < g.filter[2]; ++fx, ix += g.dilation[2])
      if (inside && ix >= 0 && ix < g.in[2]) to[place_of(d, fy, fx)] = image + iy * g.input.spatial[1] + ix * g.input.spatial[2];
  }
}

/// Slots where they pay; the columns of pixels whose windows then lie inside.
bool plan_slots(Depthwise& d) {
  const ConvGeometry& g = d.geometry;
  const std::int64_t rows = (g.filter[1] - 1) * g.dilation[1] + 1;
  const std::int64_t pixels = (g.out[2] - 1) * g.stride[2] + (g.filter[2] - 1) * g.dilation[2] + 1;
  const bool narrow = rows <= most_slots && pixels <= narrow_line && g.in[2] <= narrow_line &&
                      std::max(pixels, g.in[2]) * d.channels <= narrow_line;
  if (!narrow || g.pad[2] < 0 || g.pad[2] > pixels || (d.first == 0 && d.last == g.out[2])) return false;
  constexpr std::int64_t read_behind = 64;
  d.slots = rows;
  d.slot_pixels = pixels;
  d.slot_bytes = (pixels * d.channels + read_behind + 63) / 64 * 64;
  return true;
}

/// Columns whose windows lie inside of the image.
Share inner_columns(const ConvGeometry& g) {
  const std::int64_t stride = g.stride[2], reach = (g.filter[2] - 1) * g.dilation[2] + 1, room = g.in[2] + g.pad[2] - reach;
  const std::int64_t first = g.pad[2] <= 0 ? 0 : (g.pad[2] + stride - 1) / stride, last = room < 0 ? 0 : room / stride + 1;
  return {std::min(first, g.out[2]), std::max(std::min(last, g.out[2]), std::min(first, g.out[2]))};
}

}  // namespace

std::int64_t place_of(const Depthwise& d, std::int64_t fy, std::int64_t fx) noexcept {
  return d.by_columns ? 4 * fx + fy : fy * d.geometry.filter[2] + fx;
}

void run_inside(const Depthwise& d, const std::uint8_t** pointers, std::int64_t pixels, std::uint8_t* to) noexcept {
  const std::ptrdiff_t step = d.geometry.stride[2] * d.channels;
  const std::int64_t groups = pixels / d.joined, left = pixels % d.joined;
  d.run(d.layer, pointers, step * d.joined, groups, to);
  if (left == 0) return;
  kernels::DepthwiseS8 some = d.layer;
  some.channels = left * d.channels;
  for (std::int64_t tap = 0; tap < d.taps; ++tap) pointers[tap] += groups * d.joined * step;
  d.run(some, pointers, 0, 1, to + groups * d.joined * d.channels * d.result_bytes);
}

void run_line(const Depthwise& d, const std::uint8_t* image, const std::uint8_t* border, std::int64_t y, std::uint8_t* out,
              const std::uint8_t** pointers) noexcept {
  kernels::DepthwiseS8 one = d.layer;
  one.channels = d.channels;
  for (std::int64_t x = 0; x < d.geometry.out[2];) {
    point(d, image, border, y, x, pointers);
    std::uint8_t* to = out + x * d.channels * d.result_bytes;
    if (x < d.first || x >= d.last) {
      d.run(one, pointers, 0, 1, to);
      ++x;
      continue;
    }
    run_inside(d, pointers, d.last - x, to);
    x = d.last;
  }
}

bool fits_depthwise(const PrepareContext& context, const ops::DepthwisePlan& plan) {
  const ConvGeometry& g = plan.geometry;
  return !plan.floats && plan.weight_bytes == 2 && !plan.weights.empty() && g.group_out == 1 && !context.constant(0) &&
         context.outputs[0].elements() > 0 && g.in[2] > 0 && g.in[1] > 0 && g.taps() > 0 && g.taps() <= most_taps;
}

bool Depthwise::pack(const ops::DepthwisePlan& plan) {
  Depthwise& d = *this;
  sums.assign(static_cast<std::size_t>(d.channels), 0);
  offsets.assign(static_cast<std::size_t>(d.layer.channels), 0);
  const std::int64_t stored_taps = plan.geometry.taps();
  const auto* stored = reinterpret_cast<const std::int16_t*>(plan.weights.data());
  const std::int64_t blocks = (d.layer.channels + block - 1) / block;
  d.weights.resize(static_cast<std::size_t>(blocks * block * d.taps));
  d.summed.resize(static_cast<std::size_t>(blocks));
  for (std::int64_t c = 0; c < d.layer.channels; ++c) {
    const std::int64_t channel = c % d.channels;
    std::int32_t least = 0, most = 0, sum = 0;
    for (std::int64_t tap = 0; tap < stored_taps; ++tap) {
      const std::int32_t w = stored[tap * d.channels + channel];
      least = std::min(least, w);
      most = std::max(most, w);
      sum += w;
    }
    if (most - least > 255) return false;
    const std::int32_t offset = byte_offset(least, most);
    const std::int64_t position = kernels::depthwise_position(c);
    const auto set = [&](std::int64_t place, std::int32_t w) {
      d.weights[static_cast<std::size_t>(((c / block * d.taps + place / 4 * 4) * block + position % block * 4) + place % 4)] =
          static_cast<std::int8_t>(w - offset);
    };
    // Taps of weight 0 count in the window's sum: their offset is taken off, too.
    for (std::int64_t place = 0; place < d.taps; ++place) set(place, 0);
    for (std::int64_t tap = 0; tap < stored_taps; ++tap)
      set(place_of(d, tap / plan.geometry.filter[2], tap % plan.geometry.filter[2]), stored[tap * d.channels + channel]);
    sums[static_cast<std::size_t>(channel)] = static_cast<std::uint32_t>(sum);
    offsets[static_cast<std::size_t>(c)] = offset;
    if (offset != 0) d.summed[static_cast<std::size_t>(c / block)] = 1;
  }
  return true;
}

bool Depthwise::lay_out(const ConvGeometry& from, bool may_have_slots) {
  Depthwise& d = *this;
  const ConvGeometry& g = d.geometry = from;
  d.channels = g.channels_out();
  d.by_columns = g.filter[1] == 3 && g.filter[2] == 3;
  d.taps = d.by_columns ? 12 : (g.taps() + 3) / 4 * 4;
  Share inner = inner_columns(g);
  d.first = inner.begin;
  d.last = inner.end;
  if (may_have_slots && plan_slots(d)) inner = {0, g.out[2]};
  const std::int64_t wanted = block / std::gcd(d.channels, block);
  if (g.stride[2] == 1 && wanted <= most_joined && inner.end - inner.begin >= wanted) d.joined = wanted;
  d.layer.channels = d.channels * d.joined;
  d.layer.quads = d.taps / 4;
  if (d.by_columns && g.dilation[2] == 1 && d.joined * g.stride[2] < 3) d.layer.shift = d.joined * g.stride[2];
  constexpr std::int64_t read_behind = 64;
  d.border_bytes = ((inner.end - inner.begin) * g.stride[2] + 1) * d.channels + read_behind;
  return d.border_bytes <= most_border;
}

void Depthwise::connect(const Candidate& candidate) {
  Depthwise& d = *this;
  d.layer.weights = d.weights.data();
  d.layer.bias = d.constants.bias(0);
  d.layer.row_factor = d.constants.offset(0);
  d.layer.summed = d.summed.data();
  d.layer.requantize = d.constants.from(0);
  d.run = kernels::depthwise_s8(candidate.execution.cpu).run;
  d.threads = candidate.execution.threads;
  d.parts = parts_of(d.threads, candidate.context.outputs[0].elements() * geometry.taps() / products_worth_splitting);
  d.pointer_bytes = (static_cast<std::size_t>(d.taps) * sizeof(void*) + 63) / 64 * 64;
}

}  // namespace qgraph::runtime
