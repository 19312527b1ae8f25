// conv_2d and fully_connected of floats in the order of TensorFlow Lite, by products of packed rows. Where the border is padded,
// the input is first copied into an image that has its border, of zeros: what they add to a sum changes it only where a weight is
// not finite.
#include "kernels/rows_f32/rows_f32.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "ops/support/conv_plan.hpp"
#include "runtime/fast/fast_kernel.hpp"
#include "runtime/fast/window_rows.hpp"
#include "runtime/memory.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t vector = 16;  ///< channels
constexpr std::int64_t products_worth_splitting = 1 << 16;

struct FloatRows {
  kernels::RowsF32Fn run = nullptr;
  ThreadPool* threads = nullptr;
  int parts = 1;
  Memory weights{};  ///< [vector][depth][16], then biases
  std::int64_t depth = 0, channels = 0;
  WindowRows windows{};
  float low = 0, high = 0;

  std::int64_t vectors() const noexcept { return (channels + vector - 1) / vector; }
  const float* packed() const noexcept { return reinterpret_cast<const float*>(weights.data()); }
  const float* bias() const noexcept { return packed() + vectors() * vector * depth; }
};

void multiply_rows(const FloatRows& c, const float* input, float* output, int part, int parts) noexcept {
  const WindowRows& w = c.windows;
  const ProductPart mine = part_of_product(w.count(), c.channels, c.vectors(), part, parts);
  if (mine.vectors.begin == mine.vectors.end) return;
  kernels::RowsF32 gemm{.row_stride = w.row_stride,
                        .runs = w.runs.data(),
                        .run_count = w.run_count(),
                        .run_length = w.run_length,
                        .weights = c.packed(),
                        .bias = c.bias(),
                        .low = c.low,
                        .high = c.high,
                        .channels = c.channels,
                        .output_stride = c.channels};
  w.each_stretch(mine.rows, [&](std::ptrdiff_t at, std::int64_t row, std::int64_t count) noexcept {
    gemm.input = input + at;
    gemm.output = output + row * c.channels;
    c.run(gemm, count, mine.vectors.begin, mine.vectors.end);
  });
}

void run(const KernelArgs& args) noexcept {
  const auto& c = args.prepared_as<FloatRows>();
  const float* input = args.in<float>(0);
  if (const WindowRows& w = c.windows; w.copied) {
    auto* copy = reinterpret_cast<float*>(args.scratch);
    split_work(c.threads, c.parts, [&](int part, int parts, int) noexcept {
      w.copy_lines(input, copy, share(w.images * w.height, part, parts), 0.0F,
                   [](const float* from, std::int64_t n, float* to) { std::copy_n(from, n, to); });
    });
    input = copy;
  }
  split_work(c.threads, c.parts,
             [&](int part, int parts, int) noexcept { multiply_rows(c, input, args.out<float>(), part, parts); });
}

bool fits(const PrepareContext& context, const ConvPlan& plan) {
  const ConvGeometry& g = plan.geometry;
  if (!plan.floats || plan.hybrid || plan.block > 0 || plan.convolve != convolve_float) return false;
  if (!context.constant(1) || context.constant(0) || context.inputs[0].type->dtype() != DType::float32) return false;
  if (context.has(2) && plan.bias.empty() && (!context.constant(2) || context.inputs[2].type->dtype() != DType::float32))
    return false;
  if (plan.output.activation == Activation::tanh || plan.output.activation == Activation::sign_bit) return false;
  if (g.groups != 1 || g.input.channel != 1 || g.output.channel != 1 || g.in[0] != 1 || g.filter[0] != 1 || g.out[0] != 1)
    return false;
  return context.outputs[0].elements() > 0 && g.depth() > 0;
}

/// From [depth][channel]. False: a weight is not finite, and there is a border.
bool pack(const PrepareContext& context, const ConvPlan& plan, FloatRows& c) {
  const auto* from = reinterpret_cast<const float*>(plan.weights.of(context.inputs[1], plan.geometry, nullptr));
  const std::int64_t vectors = c.vectors();
  if (!c.weights.reserve(static_cast<std::size_t>(vectors * vector * (c.depth + 1)) * sizeof(float))) return false;
  auto* to = reinterpret_cast<float*>(c.weights.data());
  float strange = 0;
  for (std::int64_t v = 0; v < vectors; ++v) {
    const std::int64_t count = std::min(vector, c.channels - v * vector);
    for (std::int64_t k = 0; k < c.depth; ++k, to += vector)
      for (std::int64_t o = 0; o < vector; ++o) {
        to[o] = o < count ? from[k * c.channels + v * vector + o] : 0.0F;
        strange += to[o] * 0.0F;
      }
  }
  if (c.windows.copied && strange != 0) return false;
  const float* bias = !plan.bias.empty() ? plan.bias.data() : context.has(2) ? context.inputs[2].as<float>() : nullptr;
  for (std::int64_t o = 0; o < vectors * vector; ++o) to[o] = bias && o < c.channels ? bias[o] : 0.0F;
  return true;
}

}  // namespace

bool fast_float_rows(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const Execution& execution = candidate.execution;
  const kernels::RowsF32Kernel* kernel = kernels::rows_f32(execution.cpu);
  const auto& plan = *static_cast<const ConvPlan*>(prepared.data.get());
  if (!kernel || !fits(context, plan)) return false;
  auto made = std::make_shared<FloatRows>();
  FloatRows& c = *made;
  c.depth = plan.geometry.depth();
  c.channels = plan.geometry.group_out;
  if (!c.windows.plan(plan.geometry, false) || !pack(context, plan, c)) return false;
  c.low = plan.output.float_low;
  c.high = plan.output.float_high;
  c.run = kernel->run;
  c.threads = execution.threads;
  c.parts = parts_of(c.threads, c.windows.count() * c.channels / (products_worth_splitting / c.depth + 1));
  prepared = {.run = run,
              .scratch_bytes = static_cast<std::size_t>(c.windows.copied_elements()) * sizeof(float),
              .prepared_bytes = c.weights.size(),
              .kernel = "rows_f32",
              .instructions = kernel->name};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
