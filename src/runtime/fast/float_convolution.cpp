// Float conv_2d with channels first and fully_connected, summed in the order of ONNX Runtime: products of matrices. Of a
// convolution, rows are output channels, columns are pixels, whose windows are gathered first where the filter has more than one
// tap.
#include <algorithm>

#include "kernels/gemm_f32/gemm_f32.hpp"
#include "ops/support/conv_plan.hpp"
#include "runtime/fast/fast_kernel.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t tile_pixels = 64;
constexpr std::int64_t products_worth_splitting = 1 << 17;
constexpr std::int64_t most_depth = 1 << 20;

struct FloatConvolution {
  kernels::GemmF32Fn run = nullptr;
  ThreadPool* threads = nullptr;
  std::shared_ptr<const void> reference{};  ///< owns the plan
  const ConvPlan* plan = nullptr;
  const float* bias = nullptr;
  std::vector<float> weights{};  ///< [group][product][output], in the order of sums
  bool direct = false;           ///< a pixel's window is the pixel
  std::size_t patch_bytes = 0;   ///< of one worker
  int parts = 1;
};

kernels::GemmF32 common(const FloatConvolution& c) noexcept {
  const ConvPlan& plan = *c.plan;
  return {.depth = plan.geometry.depth(),
          .block = plan.sum_blocks.length,
          .fours = plan.sum_blocks.fours,
          .low = plan.output.float_low,
          .high = plan.output.float_high};
}

/// Windows of the pixels [first, first + n) of an image: [product][pixel].
void gather(const ConvPlan& plan, const float* image, std::int64_t first, std::int64_t n, float* to) noexcept {
  const ConvGeometry& g = plan.geometry;
  const std::int64_t width = g.out[2], first_y = first / width, first_x = first % width;
  const auto steps = [stride = g.stride[2]](std::int64_t length) {
    return stride == 1 ? length : (length + stride - 1) / stride;
  };
  for (const WindowTap& tap : plan.window) {
    const float* from = image + tap.channel;
    for (std::int64_t i = 0, y = first_y, x = first_x; i < n; ++y, x = 0) {
      const std::int64_t run = std::min(n - i, width - x);
      const std::int64_t iy = y * g.stride[1] - g.pad[1] + tap.place[1], ix = x * g.stride[2] - g.pad[2] + tap.place[2];
      float* out = to + i;
      if (iy < 0 || iy >= g.in[1]) {
        std::fill_n(out, run, 0.0F);
      } else {
        // Pixels [begin, end) of the run lie inside of the line.
        const std::int64_t stride = g.stride[2], room = g.in[2] - ix;
        const std::int64_t end = room <= 0 ? 0 : std::min(steps(room), run), begin = ix < 0 ? std::min(steps(-ix), end) : 0;
        const float* line = from + iy * g.input.spatial[1] + ix;
        std::fill_n(out, begin, 0.0F);
        if (stride == 1)
          std::copy_n(line + begin, end - begin, out + begin);
        else
          for (std::int64_t k = begin; k < end; ++k) out[k] = line[k * stride];
        std::fill_n(out + end, run - end, 0.0F);
      }
      i += run;
    }
    to += tile_pixels;
  }
}

void run_convolution(const KernelArgs& args) noexcept {
  const auto& c = args.prepared_as<FloatConvolution>();
  const ConvGeometry& g = c.plan->geometry;
  const std::int64_t pixels = g.pixels(), tiles = (pixels + tile_pixels - 1) / tile_pixels, depth = g.depth();
  split_work(c.threads, c.parts, [&](int part, int parts, int worker) noexcept {
    auto* patch = reinterpret_cast<float*>(args.scratch + static_cast<std::size_t>(worker) * c.patch_bytes);
    const Share mine = share(g.batch * tiles, part, parts);
    for (std::int64_t t = mine.begin; t < mine.end; ++t) {
      const std::int64_t b = t / tiles, first = t % tiles * tile_pixels, n = std::min(tile_pixels, pixels - first);
      for (std::int64_t group = 0; group < g.groups; ++group) {
        const float* image = args.in<float>(0) + b * g.input.batch + group * g.group_in * g.input.channel;
        kernels::GemmF32 gemm = common(c);
        gemm.rows = g.group_out;
        gemm.columns = n;
        gemm.a = c.weights.data() + group * depth * g.group_out;
        gemm.a_row = 1;
        gemm.a_depth = g.group_out;
        gemm.b = c.direct ? image + first : patch;
        gemm.b_depth = c.direct ? g.input.channel : tile_pixels;
        gemm.out = args.out<float>() + b * g.output.batch + group * g.group_out * g.output.channel + first;
        gemm.out_row = g.output.channel;
        gemm.row_bias = c.bias ? c.bias + group * g.group_out : nullptr;
        if (!c.direct) gather(*c.plan, image, first, n, patch);
        c.run(gemm);
      }
    }
  });
}

void run_layer(const KernelArgs& args) noexcept {
  const auto& c = args.prepared_as<FloatConvolution>();
  const ConvGeometry& g = c.plan->geometry;
  const bool by_columns = g.in[2] < c.parts;
  split_work(c.threads, c.parts, [&](int part, int parts, int) noexcept {
    const Share rows = by_columns ? Share{0, g.in[2]} : share(g.in[2], part, parts);
    const Share blocks = by_columns ? share((g.group_out + 31) / 32, part, parts) : Share{0, (g.group_out + 31) / 32};
    const Share columns{blocks.begin * 32, std::min(blocks.end * 32, g.group_out)};
    if (rows.begin == rows.end || columns.begin >= columns.end) return;
    kernels::GemmF32 gemm = common(c);
    gemm.rows = rows.end - rows.begin;
    gemm.columns = columns.end - columns.begin;
    gemm.a = args.in<float>(0) + rows.begin * g.group_in;
    gemm.a_row = g.group_in;
    gemm.a_depth = 1;
    gemm.b = c.weights.data() + columns.begin;
    gemm.b_depth = g.group_out;
    gemm.out = args.out<float>() + rows.begin * g.group_out + columns.begin;
    gemm.out_row = g.group_out;
    gemm.column_bias = c.bias ? c.bias + columns.begin : nullptr;
    c.run(gemm);
  });
}

/// A matrix of rows, or images with channels first; all that run_* counts on.
bool fits(const PrepareContext& context, const ConvPlan& plan) {
  const ConvGeometry& g = plan.geometry;
  if (!plan.floats || plan.convolve != convolve_float_blocked || !context.constant(1) || context.outputs[0].elements() == 0)
    return false;
  if (plan.output.activation == Activation::tanh || plan.output.activation == Activation::sign_bit) return false;
  if (context.has(2) && plan.bias.empty() && !context.constant(2)) return false;
  if (g.depth() <= 0 || g.depth() > most_depth || g.in[0] != 1 || g.filter[0] != 1 || g.out[0] != 1 ||
      plan.sum_blocks.length <= 0)
    return false;
  if (plan.bias_first) return g.taps() == 1 && g.groups == 1 && g.batch == 1 && g.input.channel == 1 && g.output.channel == 1;
  return g.input.spatial[2] == 1 && g.output.spatial[2] == 1 && g.input.spatial[1] == g.in[2] &&
         g.output.spatial[1] == g.out[2] && static_cast<std::int64_t>(plan.window.size()) == g.depth();
}

}  // namespace

bool fast_float_convolution(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const kernels::GemmF32Kernel* kernel = kernels::gemm_f32(candidate.execution.cpu);
  const auto& plan = *static_cast<const ConvPlan*>(prepared.data.get());
  if (!kernel || !fits(context, plan)) return false;
  const ConvGeometry& g = plan.geometry;
  auto made = std::make_shared<FloatConvolution>();
  FloatConvolution& c = *made;
  c.run = kernel->run;
  c.threads = candidate.execution.threads;
  c.reference = prepared.data;
  c.plan = &plan;
  c.bias = !plan.bias.empty() ? plan.bias.data() : context.has(2) ? context.inputs[2].as<float>() : nullptr;
  const auto* weights = reinterpret_cast<const float*>(plan.weights.of(context.inputs[1], g, nullptr));
  if (!weights) return false;
  c.weights.reserve(static_cast<std::size_t>(g.groups * g.depth() * g.group_out));
  for (std::int64_t group = 0; group < g.groups; ++group)
    for (const WindowTap& tap : plan.window) {
      const float* row = weights + group * g.depth() * g.group_out + tap.weights;
      c.weights.insert(c.weights.end(), row, row + g.group_out);
    }
  c.direct = g.taps() == 1 && g.stride[1] == 1 && g.stride[2] == 1 && g.pad[1] == 0 && g.pad[2] == 0 && g.in[1] == g.out[1] &&
             g.in[2] == g.out[2];
  c.parts = parts_of(c.threads, context.outputs[0].elements() / (products_worth_splitting / g.depth() + 1));
  const std::size_t workers = static_cast<std::size_t>(c.threads ? c.threads->workers() : 1);
  if (!plan.bias_first && !c.direct) c.patch_bytes = static_cast<std::size_t>(g.depth() * tile_pixels) * sizeof(float);
  prepared = {.run = plan.bias_first ? run_layer : run_convolution,
              .scratch_bytes = c.patch_bytes * workers,
              .prepared_bytes = c.weights.size() * sizeof(float),
              .kernel = "gemm_f32",
              .instructions = kernel->name};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
