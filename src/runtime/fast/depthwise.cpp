// depthwise_conv_2d of 8-bit operands, one output per input channel: taps are pointers, those outside of the image lead to a row
// of zero points.
#include <algorithm>
#include <cstring>
#include <numeric>

#include "kernels/depthwise_s8/depthwise_s8.hpp"
#include "ops/depthwise_conv_2d.hpp"
#include "ops/infer.hpp"
#include "runtime/fast/channel_constants.hpp"
#include "runtime/fast/fast_kernel.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t block = 64;  ///< channels
constexpr std::int64_t products_worth_splitting = 1 << 17;
/// Pixels that are taken as one of so many channels.
constexpr std::int64_t most_joined = 8;
constexpr std::int64_t most_taps = 4096;
/// Lines of no more bytes are copied with their borders: that takes less time than to point at the windows of each end.
constexpr std::int64_t narrow_line = 2048, most_slots = 16;

struct Depthwise {
  kernels::DepthwiseS8Fn run = nullptr;
  ThreadPool* threads = nullptr;
  ConvGeometry geometry{};
  ChannelConstants constants{};
  AlignedVector<std::int8_t> weights{};
  std::vector<std::uint8_t> summed{};
  std::vector<std::uint8_t> border{};  ///< a line of zero points
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
};

/// Where a tap stands among those of quads.
std::int64_t place_of(const Depthwise& d, std::int64_t fy, std::int64_t fx) noexcept {
  return d.by_columns ? 4 * fx + fy : fy * d.geometry.filter[2] + fx;
}

/// What the taps of an output pixel see.
void point(const Depthwise& d, const std::uint8_t* image, std::int64_t y, std::int64_t x, const std::uint8_t** to) noexcept {
  const ConvGeometry& g = d.geometry;
  for (std::int64_t tap = 0; tap < d.taps; ++tap) to[tap] = d.border.data();
  for (std::int64_t fy = 0; fy < g.filter[1]; ++fy) {
    const std::int64_t iy = y * g.stride[1] - g.pad[1] + fy * g.dilation[1];
    const bool inside = iy >= 0 && iy < g.in[1];
    std::int64_t ix = x * g.stride[2] - g.pad[2];
    for (std::int64_t fx = 0; fx < g.filter[2]; ++fx, ix += g.dilation[2])
      if (inside && ix >= 0 && ix < g.in[2]) to[place_of(d, fy, fx)] = image + iy * g.input.spatial[1] + ix * g.input.spatial[2];
  }
}

/// Pixels side by side whose windows lie inside; pointers move.
void run_inside(const Depthwise& d, const std::uint8_t** pointers, std::int64_t pixels, std::uint8_t* to) noexcept {
  const std::ptrdiff_t step = d.geometry.stride[2] * d.channels;
  const std::int64_t groups = pixels / d.joined, left = pixels % d.joined;
  d.run(d.layer, pointers, step * d.joined, groups, to);
  if (left == 0) return;
  kernels::DepthwiseS8 some = d.layer;
  some.channels = left * d.channels;
  for (std::int64_t tap = 0; tap < d.taps; ++tap) pointers[tap] += groups * d.joined * step;
  d.run(some, pointers, 0, 1, to + groups * d.joined * d.channels);
}

/// Lines of the output from lines of the input that are copied into slots, each behind the border at its left.
void run_narrow(const Depthwise& d, const std::uint8_t* input, std::uint8_t* output, Share lines, const std::uint8_t** pointers,
                std::uint8_t* slots) noexcept {
  const ConvGeometry& g = d.geometry;
  const std::int64_t all = d.slot_pixels * d.channels, left = g.pad[2] * d.channels,
                     copied = std::min(g.in[2] * d.channels, all - left);
  for (std::int64_t slot = 0; slot < d.slots; ++slot) {
    std::memset(slots + slot * d.slot_bytes, d.border[0], static_cast<std::size_t>(left));
    std::memset(slots + slot * d.slot_bytes + left + copied, d.border[0], static_cast<std::size_t>(all - left - copied));
  }
  std::int64_t image = -1, next = 0;  // the first line that has not been copied
  for (std::int64_t line = lines.begin; line < lines.end; ++line) {
    if (line / g.out[1] != image) next = 0;
    image = line / g.out[1];
    const std::int64_t top = line % g.out[1] * g.stride[1] - g.pad[1], end = std::min(top + d.slots, g.in[1]);
    for (std::int64_t y = std::max(next, top); y < end; ++y)
      std::memcpy(slots + y % d.slots * d.slot_bytes + left, input + image * g.input.batch + y * g.input.spatial[1],
                  static_cast<std::size_t>(copied));
    next = std::max(next, end);
    for (std::int64_t tap = 0; tap < d.taps; ++tap) pointers[tap] = d.border.data();
    for (std::int64_t fy = 0; fy < g.filter[1]; ++fy) {
      const std::int64_t y = top + fy * g.dilation[1];
      if (y < 0 || y >= g.in[1]) continue;
      const std::uint8_t* first = slots + y % d.slots * d.slot_bytes;
      for (std::int64_t fx = 0; fx < g.filter[2]; ++fx) pointers[place_of(d, fy, fx)] = first + fx * g.dilation[2] * d.channels;
    }
    run_inside(d, pointers, g.out[2], output + line * g.out[2] * d.channels);
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

void run_line(const Depthwise& d, const std::uint8_t* image, std::int64_t y, std::uint8_t* out,
              const std::uint8_t** pointers) noexcept {
  kernels::DepthwiseS8 one = d.layer;
  one.channels = d.channels;
  for (std::int64_t x = 0; x < d.geometry.out[2];) {
    point(d, image, y, x, pointers);
    std::uint8_t* to = out + x * d.channels;
    if (x < d.first || x >= d.last) {
      d.run(one, pointers, 0, 1, to);
      ++x;
      continue;
    }
    run_inside(d, pointers, d.last - x, to);
    x = d.last;
  }
}

void run(const KernelArgs& args) noexcept {
  const auto& d = args.prepared_as<Depthwise>();
  const ConvGeometry& g = d.geometry;
  split_work(d.threads, d.parts, [&](int part, int parts, int worker) noexcept {
    const std::size_t bytes = d.pointer_bytes + static_cast<std::size_t>(d.slots * d.slot_bytes);
    std::byte* scratch = args.scratch + static_cast<std::size_t>(worker) * bytes;
    auto* pointers = reinterpret_cast<const std::uint8_t**>(scratch);
    const Share lines = share(g.batch * g.out[1], part, parts);
    if (d.slots > 0)
      return run_narrow(d, args.in<std::uint8_t>(0), args.out<std::uint8_t>(), lines, pointers,
                        reinterpret_cast<std::uint8_t*>(scratch + d.pointer_bytes));
    for (std::int64_t line = lines.begin; line < lines.end; ++line)
      run_line(d, args.in<std::uint8_t>(0) + line / g.out[1] * g.input.batch, line % g.out[1],
               args.out<std::uint8_t>() + line * g.out[2] * d.channels, pointers);
  });
}

bool fits(const PrepareContext& context, const ops::DepthwisePlan& plan) {
  const ConvGeometry& g = plan.geometry;
  const DType stored = context.inputs[0].type->storage();
  if (plan.floats || plan.hybrid || bits(stored) != 8 || plan.weight_bytes != 2 || plan.weights.empty() || g.group_out != 1)
    return false;
  const bool integer_bias = context.constant(2) && context.inputs[2].type->storage() == DType::int32;
  if (context.constant(0) || (context.has(2) && plan.output.added.empty() && !integer_bias)) return false;
  const IntegerRange range = integer_range(stored);
  if (plan.input_scale.zero_point < range.min || plan.input_scale.zero_point > range.max) return false;
  return context.outputs[0].elements() > 0 && g.in[2] > 0 && g.in[1] > 0 && g.taps() > 0 && g.taps() <= most_taps;
}

bool pack(const PrepareContext& context, const ops::DepthwisePlan& plan, Depthwise& d) {
  const std::int64_t taps = plan.geometry.taps();
  const auto* stored = reinterpret_cast<const std::int16_t*>(plan.weights.data());
  const std::int32_t* bias = context.has(2) && plan.output.added.empty() ? context.inputs[2].as<std::int32_t>() : nullptr;
  const std::int32_t zero_point = plan.input_scale.zero_point + (d.layer.input_flip != 0 ? 128 : 0);
  const std::int64_t blocks = (d.layer.channels + block - 1) / block;
  d.weights.resize(static_cast<std::size_t>(blocks * block * d.taps));
  d.summed.resize(static_cast<std::size_t>(blocks));
  for (std::int64_t c = 0; c < d.layer.channels; ++c) {
    const std::int64_t channel = c % d.channels;
    std::int32_t least = 0, most = 0, sum = 0;
    for (std::int64_t tap = 0; tap < taps; ++tap) {
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
    for (std::int64_t tap = 0; tap < taps; ++tap)
      set(place_of(d, tap / plan.geometry.filter[2], tap % plan.geometry.filter[2]), stored[tap * d.channels + channel]);
    const auto first = static_cast<std::uint32_t>(bias ? bias[channel] : 0) -
                       static_cast<std::uint32_t>(zero_point) * static_cast<std::uint32_t>(sum);
    d.constants.set_sums(position, static_cast<std::int32_t>(first), offset);
    if (offset != 0) d.summed[static_cast<std::size_t>(c / block)] = 1;
  }
  return true;
}

/// An output stage for so many pixels side by side.
AccumulatorOutput repeated(const AccumulatorOutput& stage, std::int64_t times) {
  AccumulatorOutput out = stage;
  out.channels *= times;
  const auto repeat = [times, &stage](auto& list) {
    if (list.size() <= 1 && static_cast<std::int64_t>(list.size()) != stage.channels) return;
    const auto one = list;
    for (std::int64_t i = 1; i < times; ++i) list.insert(list.end(), one.begin(), one.end());
  };
  repeat(out.fixed);
  repeat(out.factors);
  repeat(out.added);
  return out;
}

/// Columns whose windows lie inside of the image.
Share inner_columns(const ConvGeometry& g) {
  const std::int64_t stride = g.stride[2], reach = (g.filter[2] - 1) * g.dilation[2] + 1, room = g.in[2] + g.pad[2] - reach;
  const std::int64_t first = g.pad[2] <= 0 ? 0 : (g.pad[2] + stride - 1) / stride, last = room < 0 ? 0 : room / stride + 1;
  return {std::min(first, g.out[2]), std::max(std::min(last, g.out[2]), std::min(first, g.out[2]))};
}

bool flip(Prepared& prepared, int operand, bool asked) {
  if (operand > 0) return false;
  if (asked) return true;
  auto& d = prepared.own<Depthwise>();
  if (operand < 0) {
    d.layer.requantize.flip ^= 0x80;
    return true;
  }
  d.layer.input_flip ^= 0x80;
  for (std::uint8_t& b : d.border) b ^= 0x80;
  return true;
}

}  // namespace

bool fast_depthwise(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const auto& plan = *static_cast<const ops::DepthwisePlan*>(prepared.data.get());
  if (!fits(context, plan)) return false;
  auto made = std::make_shared<Depthwise>();
  Depthwise& d = *made;
  const ConvGeometry& g = d.geometry = plan.geometry;
  d.channels = g.channels_out();
  d.by_columns = g.filter[1] == 3 && g.filter[2] == 3;
  d.taps = d.by_columns ? 12 : (g.taps() + 3) / 4 * 4;
  Share inner = inner_columns(g);
  d.first = inner.begin;
  d.last = inner.end;
  if (plan_slots(d)) inner = {0, g.out[2]};
  const std::int64_t joined = block / std::gcd(d.channels, block);
  if (g.stride[2] == 1 && joined <= most_joined && inner.end - inner.begin >= joined) d.joined = joined;
  d.layer.channels = d.channels * d.joined;
  d.layer.quads = d.taps / 4;
  if (d.by_columns && g.dilation[2] == 1 && d.joined * g.stride[2] < 3) d.layer.shift = d.joined * g.stride[2];
  d.layer.input_flip = context.inputs[0].type->storage() == DType::int8 ? 0x80 : 0;
  if (!d.constants.make(repeated(plan.output, d.joined), kernels::depthwise_position) || !pack(context, plan, d)) return false;
  constexpr std::int64_t read_behind = 64;
  const std::int64_t line = ((inner.end - inner.begin) * g.stride[2] + 1) * d.channels + read_behind;
  if (line > (1 << 26)) return false;
  d.border.assign(static_cast<std::size_t>(line), static_cast<std::uint8_t>(plan.input_scale.zero_point));
  d.layer.weights = d.weights.data();
  d.layer.bias = d.constants.bias(0);
  d.layer.row_factor = d.constants.offset(0);
  d.layer.summed = d.summed.data();
  d.layer.requantize = d.constants.from(0);
  const kernels::DepthwiseS8Kernel& kernel = kernels::depthwise_s8(candidate.execution.cpu);
  d.run = kernel.run;
  d.threads = candidate.execution.threads;
  d.parts = parts_of(d.threads, context.outputs[0].elements() * g.taps() / products_worth_splitting);
  d.pointer_bytes = (static_cast<std::size_t>(d.taps) * sizeof(void*) + 63) / 64 * 64;
  prepared = {.run = run,
              .scratch_bytes = (d.pointer_bytes + static_cast<std::size_t>(d.slots * d.slot_bytes)) *
                               static_cast<std::size_t>(d.threads ? d.threads->workers() : 1),
              .prepared_bytes = d.weights.size() + d.border.size() + d.constants.bytes(),
              .kernel = "depthwise_s8",
              .instructions = kernel.name,
              .flip = flip};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
