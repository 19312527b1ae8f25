// depthwise_conv_2d of floats with channels last.
#include "kernels/depthwise_f32/depthwise_f32.hpp"

#include <algorithm>
#include <numeric>

#include "ops/depthwise_conv_2d.hpp"
#include "runtime/fast/aligned.hpp"
#include "runtime/fast/fast_kernel.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t products_worth_splitting = 1 << 15;
/// Channels of a register, and windows that are taken as one of so many channels.
constexpr std::int64_t lanes = 16, most_joined = 8;

struct FloatDepthwise {
  std::shared_ptr<const void> reference{};  ///< keeps the weights
  kernels::DepthwiseF32 windows{};          ///< of weights all taps
  kernels::DepthwiseF32Fn run = nullptr;
  ThreadPool* threads = nullptr;
  int parts = 1;
  ConvGeometry geometry{};
  std::vector<float> bias{};
  std::int64_t joined = 1;  ///< windows side by side that fill registers, where they are one pixel apart
  AlignedVector<float> joined_weights{}, joined_bias{};
  std::int64_t full_begin = 0, full_end = 0;  ///< columns of windows that lie inside the input from left to right
};

/// The taps [first, last) of output position `at` along axis k that lie inside the input, and where the first is.
struct Taps {
  std::int64_t first = 0, last = 0, place = 0;
  Taps(const ConvGeometry& g, std::size_t k, std::int64_t at) noexcept {
    const std::int64_t origin = at * g.stride[k] - g.pad[k], step = g.dilation[k];
    first = origin >= 0 ? 0 : (-origin + step - 1) / step;
    last = std::max(first, origin >= g.in[k] ? 0 : std::min(g.filter[k], (g.in[k] - origin + step - 1) / step));
    place = origin + first * step;
  }
  std::int64_t count() const noexcept { return last - first; }
};

void run_line(const FloatDepthwise& d, const float* image, std::int64_t y, float* out) noexcept {
  const ConvGeometry& g = d.geometry;
  const Taps down(g, 1, y);
  const auto some = [&](std::int64_t begin, std::int64_t count) {
    const Taps across(g, 2, begin);
    kernels::DepthwiseF32 w = d.windows;
    w.rows = down.count();
    w.columns = across.count();
    w.windows = count;
    w.weights += down.first * w.weights_row_step + across.first * w.channels;
    d.run(w, image + down.place * g.input.spatial[1] + across.place * g.input.spatial[2], out + begin * w.channels);
  };
  for (std::int64_t x = 0; x < d.full_begin; ++x) some(x, 1);
  const std::int64_t groups = d.joined > 1 ? (d.full_end - d.full_begin) / d.joined : 0, rest = d.full_begin + groups * d.joined;
  if (groups > 0) {
    kernels::DepthwiseF32 w = d.windows;
    w.channels *= d.joined;
    w.window_step *= d.joined;
    w.rows = down.count();
    w.columns = g.filter[2];
    w.windows = groups;
    w.weights_row_step *= d.joined;
    w.weights = d.joined_weights.data() + down.first * w.weights_row_step;
    w.bias = d.joined_bias.data();
    const std::int64_t column = d.full_begin * g.stride[2] - g.pad[2];
    d.run(w, image + down.place * g.input.spatial[1] + column * g.input.spatial[2], out + d.full_begin * d.windows.channels);
  }
  if (rest < d.full_end) some(rest, d.full_end - rest);
  for (std::int64_t x = d.full_end; x < g.out[2]; ++x) some(x, 1);
}

void run(const KernelArgs& args) noexcept {
  const auto& d = args.prepared_as<FloatDepthwise>();
  const ConvGeometry& g = d.geometry;
  split_work(d.threads, d.parts, [&](int part, int parts, int) noexcept {
    const Share mine = share(g.batch * g.out[1], part, parts);
    for (std::int64_t line = mine.begin; line < mine.end; ++line)
      run_line(d, args.in<float>(0) + line / g.out[1] * g.input.batch, line % g.out[1],
               args.out<float>() + line * g.out[2] * d.windows.channels);
  });
}

/// Weights and biases of windows that are taken as one.
void join(FloatDepthwise& d) {
  const ConvGeometry& g = d.geometry;
  const std::int64_t channels = d.windows.channels, joined = lanes / std::gcd(channels, lanes);
  if (joined == 1 || joined > most_joined || g.stride[2] != 1 || d.windows.window_step != channels ||
      d.full_end - d.full_begin < joined)
    return;
  d.joined = joined;
  for (std::int64_t tap = 0; tap < g.filter[1] * g.filter[2]; ++tap)
    for (std::int64_t k = 0; k < joined; ++k)
      d.joined_weights.insert(d.joined_weights.end(), d.windows.weights + tap * channels,
                              d.windows.weights + (tap + 1) * channels);
  for (std::int64_t k = 0; k < joined; ++k) d.joined_bias.insert(d.joined_bias.end(), d.bias.begin(), d.bias.end());
}

}  // namespace

bool fast_float_depthwise(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const kernels::DepthwiseF32Kernel* kernel = kernels::depthwise_f32(candidate.execution.cpu);
  const auto& plan = *static_cast<const ops::DepthwisePlan*>(prepared.data.get());
  const ConvGeometry& g = plan.geometry;
  if (!kernel || !plan.floats || !context.constant(1) || (context.has(2) && !context.constant(2))) return false;
  if (plan.output.activation == Activation::tanh || plan.output.activation == Activation::sign_bit) return false;
  if (g.group_in != 1 || g.group_out != 1 || g.input.channel != 1 || g.output.channel != 1 || context.outputs[0].elements() == 0)
    return false;
  auto made = std::make_shared<FloatDepthwise>();
  made->geometry = g;
  made->bias.assign(static_cast<std::size_t>(g.groups), 0.0F);
  if (context.has(2)) std::copy_n(context.inputs[2].as<float>(), g.groups, made->bias.begin());
  made->windows = {.channels = g.groups,
                   .row_step = g.dilation[1] * g.input.spatial[1],
                   .column_step = g.dilation[2] * g.input.spatial[2],
                   .window_step = g.stride[2] * g.input.spatial[2],
                   .weights = reinterpret_cast<const float*>(plan.weights.data()),
                   .weights_row_step = g.filter[2] * g.groups,
                   .bias = made->bias.data(),
                   .low = plan.output.float_low,
                   .high = plan.output.float_high};
  const auto full = [&](std::int64_t x) { return Taps(g, 2, x).count() == g.filter[2]; };
  while (made->full_begin < g.out[2] && !full(made->full_begin)) ++made->full_begin;
  made->full_end = made->full_begin;
  while (made->full_end < g.out[2] && full(made->full_end)) ++made->full_end;
  join(*made);
  made->run = kernel->run;
  made->threads = candidate.execution.threads;
  made->parts = parts_of(made->threads, context.outputs[0].elements() * g.taps() / products_worth_splitting);
  prepared.run = run;
  prepared.scratch_bytes = 0;
  prepared.prepared_bytes +=
      sizeof(FloatDepthwise) + (made->bias.size() + made->joined_weights.size() + made->joined_bias.size()) * sizeof(float);
  prepared.kernel = "depthwise_f32";
  prepared.instructions = kernel->name;
  made->reference = std::move(prepared.data);
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
