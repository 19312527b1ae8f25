// depthwise_conv_2d of 8-bit operands, one output per input channel: taps are pointers, those outside of the image lead to a row of
// zero points.
#include <algorithm>

#include "kernels/depthwise_s8/depthwise_s8.hpp"
#include "ops/depthwise_conv_2d.hpp"
#include "ops/infer.hpp"
#include "runtime/fast/channel_constants.hpp"
#include "runtime/fast/fast_kernel.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t block = 64;  ///< channels
constexpr std::int64_t products_worth_splitting = 1 << 16;
/// Pixels whose pointers are made at a time.
constexpr std::int64_t pixels_at_once = 32;

struct Depthwise {
  kernels::DepthwiseS8Fn run = nullptr;
  ThreadPool* threads = nullptr;
  ConvGeometry geometry{};
  ChannelConstants constants{};
  std::vector<std::int8_t> weights{};
  std::vector<std::uint8_t> border{};  ///< a pixel of zero points
  kernels::DepthwiseS8 layer{};
  std::int64_t taps = 0;           ///< with those of weight 0 that fill the last quad
  std::size_t pointer_bytes = 0;   ///< scratch of one worker
  bool worth_splitting = false;
};

/// Output pixels [x, x + n) of a line of an image.
void point(const Depthwise& d, const std::uint8_t* image, std::int64_t y, std::int64_t x, std::int64_t n, const std::uint8_t** to) noexcept {
  const ConvGeometry& g = d.geometry;
  for (std::int64_t fy = 0; fy < g.filter[1]; ++fy) {
    const std::int64_t iy = y * g.stride[1] - g.pad[1] + fy * g.dilation[1];
    const bool inside = iy >= 0 && iy < g.in[1];
    const std::uint8_t* line = inside ? image + iy * g.input.spatial[1] : nullptr;
    for (std::int64_t fx = 0; fx < g.filter[2]; ++fx) {
      const std::uint8_t** at = to + fy * g.filter[2] + fx;
      std::int64_t ix = x * g.stride[2] - g.pad[2] + fx * g.dilation[2];
      for (std::int64_t i = 0; i < n; ++i, at += d.taps, ix += g.stride[2])
        *at = inside && ix >= 0 && ix < g.in[2] ? line + ix * g.input.spatial[2] : d.border.data();
    }
  }
  for (std::int64_t tap = g.taps(); tap < d.taps; ++tap)
    for (std::int64_t i = 0; i < n; ++i) to[i * d.taps + tap] = d.border.data();
}

void run(const KernelArgs& args) noexcept {
  const auto& d = args.prepared_as<Depthwise>();
  const ConvGeometry& g = d.geometry;
  split_work(d.threads, d.worth_splitting, [&](int worker, int workers) noexcept {
    auto* pointers = reinterpret_cast<const std::uint8_t**>(args.scratch + static_cast<std::size_t>(worker) * d.pointer_bytes);
    const Share lines = share(g.batch * g.out[1], worker, workers);
    for (std::int64_t line = lines.begin; line < lines.end; ++line) {
      const std::int64_t image = line / g.out[1], y = line % g.out[1];
      for (std::int64_t x = 0; x < g.out[2]; x += pixels_at_once) {
        const std::int64_t n = std::min(pixels_at_once, g.out[2] - x);
        point(d, args.in<std::uint8_t>(0) + image * g.input.batch, y, x, n, pointers);
        d.run(d.layer, pointers, n, args.out<std::uint8_t>() + (line * g.out[2] + x) * d.layer.channels, d.layer.channels);
      }
    }
  });
}

bool fits(const PrepareContext& context, const ops::DepthwisePlan& plan) {
  const ConvGeometry& g = plan.geometry;
  const DType stored = context.inputs[0].type->storage();
  if (plan.floats || plan.hybrid || bits(stored) != 8 || plan.weight_bytes != 2 || plan.weights.empty() || g.group_out != 1) return false;
  if (context.constant(0) || (context.has(2) && (!context.constant(2) || context.inputs[2].type->storage() != DType::int32))) return false;
  const IntegerRange range = integer_range(stored);
  if (plan.input_scale.zero_point < range.min || plan.input_scale.zero_point > range.max) return false;
  return context.outputs[0].elements() > 0 && g.taps() > 0 && g.taps() <= 4096;
}

bool pack(const PrepareContext& context, const ops::DepthwisePlan& plan, Depthwise& d) {
  const std::int64_t channels = d.layer.channels, taps = plan.geometry.taps();
  const auto* stored = reinterpret_cast<const std::int16_t*>(plan.weights.data());
  const std::int32_t* bias = context.has(2) ? context.inputs[2].as<std::int32_t>() : nullptr;
  const std::int32_t zero_point = plan.input_scale.zero_point + (d.layer.input_flip != 0 ? 128 : 0);
  d.weights.resize(static_cast<std::size_t>((channels + block - 1) / block * block * d.taps));
  for (std::int64_t c = 0; c < channels; ++c) {
    std::int32_t least = 0, most = 0, sum = 0;
    for (std::int64_t tap = 0; tap < taps; ++tap) {
      const std::int32_t w = stored[tap * channels + c];
      least = std::min(least, w);
      most = std::max(most, w);
      sum += w;
    }
    if (most - least > 255) return false;
    const std::int32_t offset = byte_offset(least, most);
    const std::int64_t position = kernels::depthwise_position(c);
    for (std::int64_t tap = 0; tap < d.taps; ++tap) {  // taps of weight 0 count in the window's sum: their offset is taken off, too
      const std::int32_t w = (tap < taps ? stored[tap * channels + c] : 0) - offset;
      d.weights[static_cast<std::size_t>(((c / block * d.taps + tap / 4 * 4) * block + position % block * 4) + tap % 4)] = static_cast<std::int8_t>(w);
    }
    const auto first = static_cast<std::uint32_t>(bias ? bias[c] : 0) - static_cast<std::uint32_t>(zero_point) * static_cast<std::uint32_t>(sum);
    d.constants.set_sums(position, static_cast<std::int32_t>(first), offset);
  }
  return true;
}

}  // namespace

bool fast_depthwise(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const Execution& execution = candidate.execution;
  const auto& plan = *static_cast<const ops::DepthwisePlan*>(prepared.data.get());
  if (!fits(context, plan)) return false;
  auto made = std::make_shared<Depthwise>();
  Depthwise& d = *made;
  d.geometry = plan.geometry;
  d.taps = (plan.geometry.taps() + 3) / 4 * 4;
  d.layer.channels = plan.geometry.channels_out();
  d.layer.quads = d.taps / 4;
  d.layer.input_flip = context.inputs[0].type->storage() == DType::int8 ? 0x80 : 0;
  if (!d.constants.make(plan.output, kernels::depthwise_position) || !pack(context, plan, d)) return false;
  constexpr std::size_t read_behind = 64;
  d.border.assign(static_cast<std::size_t>(d.layer.channels) + read_behind, static_cast<std::uint8_t>(plan.input_scale.zero_point));
  d.layer.weights = d.weights.data();
  d.layer.bias = d.constants.bias(0);
  d.layer.row_factor = d.constants.offset(0);
  d.layer.requantize = d.constants.from(0);
  d.run = kernels::depthwise_s8(execution.cpu).run;
  d.threads = execution.threads;
  d.worth_splitting = context.outputs[0].elements() * plan.geometry.taps() >= products_worth_splitting;
  d.pointer_bytes = (static_cast<std::size_t>(std::min(pixels_at_once, d.geometry.out[2]) * d.taps) * sizeof(void*) + 63) / 64 * 64;
  prepared = {.run = run,
              .scratch_bytes = d.pointer_bytes * static_cast<std::size_t>(d.threads ? d.threads->workers() : 1),
              .prepared_bytes = d.weights.size() + d.constants.bytes()};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
