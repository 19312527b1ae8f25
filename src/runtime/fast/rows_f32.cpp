// conv_2d and fully_connected of floats in the order of TensorFlow Lite, by products of packed rows. Where the border is padded,
// the input is first copied into an image that has its border, of zeros: what they add to a sum changes it only where a weight is
// not finite.
#include "kernels/rows_f32/rows_f32.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "ops/support/conv_plan.hpp"
#include "runtime/fast/fast_kernel.hpp"
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
  std::vector<std::ptrdiff_t> runs{};
  std::int64_t run_length = 0;
  std::int64_t lines = 0, rows = 0, lines_per_image = 0;  ///< rows of a line
  std::ptrdiff_t row_stride = 0, line_stride = 0, image_stride = 0;
  float low = 0, high = 0;
  // The image with its border, where there is one.
  bool copied = false;
  std::int64_t images = 0, height = 0, width = 0, inputs = 0;  ///< of the copy; inputs: channels
  std::int64_t source_height = 0, source_width = 0, pad_top = 0, pad_left = 0;

  std::int64_t vectors() const noexcept { return (channels + vector - 1) / vector; }
  const float* packed() const noexcept { return reinterpret_cast<const float*>(weights.data()); }
  const float* bias() const noexcept { return packed() + vectors() * vector * depth; }
};

/// Lines [begin, end) of all images' copy.
void copy_lines(const FloatRows& c, const float* from, float* to, Share lines) noexcept {
  const std::int64_t left = std::clamp<std::int64_t>(c.pad_left, 0, c.width), first = std::max<std::int64_t>(-c.pad_left, 0);
  const std::int64_t pixels = std::clamp<std::int64_t>(c.source_width - first, 0, c.width - left);
  for (std::int64_t line = lines.begin; line < lines.end; ++line) {
    float* out = to + line * c.width * c.inputs;
    const std::int64_t image = line / c.height, y = line % c.height - c.pad_top;
    if (y < 0 || y >= c.source_height) {
      std::fill_n(out, c.width * c.inputs, 0.0F);
      continue;
    }
    std::fill_n(out, left * c.inputs, 0.0F);
    std::copy_n(from + ((image * c.source_height + y) * c.source_width + first) * c.inputs, pixels * c.inputs,
                out + left * c.inputs);
    std::fill_n(out + (left + pixels) * c.inputs, (c.width - left - pixels) * c.inputs, 0.0F);
  }
}

void multiply_rows(const FloatRows& c, const float* input, float* output, int part, int parts) noexcept {
  const std::int64_t all_rows = c.lines * c.rows;
  const bool by_vectors = parts > 1 && all_rows < 8 * parts && all_rows < c.channels;
  const Share mine = by_vectors ? Share{0, all_rows} : share(all_rows, part, parts);
  const Share columns = by_vectors ? share(c.vectors(), part, parts) : Share{0, c.vectors()};
  if (columns.begin == columns.end) return;
  kernels::RowsF32 gemm{.row_stride = c.row_stride,
                        .runs = c.runs.data(),
                        .run_count = static_cast<std::int64_t>(c.runs.size()),
                        .run_length = c.run_length,
                        .weights = c.packed(),
                        .bias = c.bias(),
                        .low = c.low,
                        .high = c.high,
                        .channels = c.channels,
                        .output_stride = c.channels};
  for (std::int64_t row = mine.begin; row < mine.end;) {
    const std::int64_t line = row / c.rows, first = row % c.rows, count = std::min(c.rows - first, mine.end - row);
    gemm.input =
        input + line / c.lines_per_image * c.image_stride + line % c.lines_per_image * c.line_stride + first * c.row_stride;
    gemm.output = output + row * c.channels;
    c.run(gemm, count, columns.begin, columns.end);
    row += count;
  }
}

void run(const KernelArgs& args) noexcept {
  const auto& c = args.prepared_as<FloatRows>();
  const float* input = args.in<float>(0);
  if (c.copied) {
    auto* copy = reinterpret_cast<float*>(args.scratch);
    split_work(c.threads, c.parts,
               [&](int part, int parts, int) noexcept { copy_lines(c, input, copy, share(c.images * c.height, part, parts)); });
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

/// False: the image with its border is far from the input's size (a filter that is mostly outside): not worth a copy.
bool plan_rows(const ConvGeometry& g, FloatRows& c) {
  constexpr std::int64_t most = 1 << 16;
  for (std::size_t k : {1U, 2U})
    if (g.in[k] > (1 << 24) || g.out[k] > (1 << 24) || g.filter[k] > most || g.dilation[k] > most || g.stride[k] > most ||
        std::abs(g.pad[k]) > most)
      return false;
  const auto reach = [&](std::size_t k) { return (g.out[k] - 1) * g.stride[k] + (g.filter[k] - 1) * g.dilation[k] + 1; };
  c.inputs = g.group_in;
  c.channels = g.group_out;
  c.depth = g.depth();
  c.images = g.batch;
  c.source_height = g.in[1];
  c.source_width = g.in[2];
  c.pad_top = g.pad[1];
  c.pad_left = g.pad[2];
  c.copied = g.pad[1] != 0 || g.pad[2] != 0 || reach(1) > g.in[1] || reach(2) > g.in[2];
  c.height = c.copied ? reach(1) : g.in[1];
  c.width = c.copied ? reach(2) : g.in[2];
  const auto size = [&](std::int64_t height, std::int64_t width) {
    return static_cast<double>(c.images) * static_cast<double>(height) * static_cast<double>(width) *
           static_cast<double>(c.inputs);
  };
  if (c.copied && size(c.height, c.width) > 4 * size(g.in[1], g.in[2]) + (1 << 20)) return false;
  const std::int64_t line = c.width * c.inputs;
  // Taps side by side are one run where nothing lies between them.
  const bool joined = g.dilation[2] == 1;
  c.run_length = joined ? g.filter[2] * c.inputs : c.inputs;
  for (std::int64_t y = 0; y < g.filter[1]; ++y)
    for (std::int64_t x = 0; x < (joined ? 1 : g.filter[2]); ++x)
      c.runs.push_back(y * g.dilation[1] * line + x * g.dilation[2] * c.inputs);
  c.row_stride = g.stride[2] * c.inputs;
  c.line_stride = g.stride[1] * line;
  c.image_stride = c.height * line;
  c.lines_per_image = g.out[1];
  c.lines = g.batch * g.out[1];
  c.rows = g.out[2];
  if (g.taps() == 1 && g.stride[1] == 1 && g.stride[2] == 1 && c.height == g.out[1] && c.width == g.out[2]) {
    c.rows *= c.lines;
    c.lines = c.lines_per_image = 1;
  }
  return true;
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
  if (c.copied && strange != 0) return false;
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
  if (!plan_rows(plan.geometry, c) || !pack(context, plan, c)) return false;
  c.low = plan.output.float_low;
  c.high = plan.output.float_high;
  c.run = kernel->run;
  c.threads = execution.threads;
  c.parts = parts_of(c.threads, c.lines * c.rows * c.channels / (products_worth_splitting / c.depth + 1));
  prepared = {.run = run,
              .scratch_bytes = c.copied ? static_cast<std::size_t>(c.images * c.height * c.width * c.inputs) * sizeof(float) : 0,
              .prepared_bytes = c.weights.size(),
              .kernel = "rows_f32",
              .instructions = kernel->name};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
