// conv_2d and fully_connected of reals with 8-bit weights (dynamic range): the input becomes bytes, each image or row with a
// range of its own, while it is copied into an image that has its border; then products of packed rows, whose sums become reals.
#include <algorithm>

#include "ops/support/conv_plan.hpp"
#include "runtime/fast/fast_kernel.hpp"
#include "runtime/fast/hybrid_rows.hpp"
#include "runtime/fast/packed_rows.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t products_worth_splitting = 1 << 18;
constexpr std::int64_t read_behind = 64;

struct HybridConvolution {
  kernels::GemmS8Fn run = nullptr;
  ThreadPool* threads = nullptr;
  HybridRows rows{};
  HybridFinish finish{};
  PackedRows packed{};
  WindowRows windows{};
  std::int64_t group_in = 0;
  std::int64_t ranges = 0, range_elements = 0;  ///< of the input
  bool by_rows = false;                         ///< a range for each row of a matrix, else for each image
  int parts = 1;
  std::int64_t chunk = 1;  ///< rows whose sums are kept at a time
  std::size_t steps_at = 0, partial_at = 0, sums_at = 0, sums_bytes = 0;

  std::int64_t channels() const noexcept { return packed.groups * packed.group_out; }
};

void quantize_images(const HybridConvolution& c, const KernelArgs& args, HybridStep* steps) noexcept {
  const WindowRows& w = c.windows;
  const float* input = args.in<float>(0);
  auto* partial = reinterpret_cast<kernels::RangeF32*>(args.scratch + c.partial_at);
  for (std::int64_t image = 0; image < c.ranges; ++image) {
    const float* values = input + image * c.range_elements;
    const kernels::RangeF32 range = c.rows.range(c.threads, c.parts, values, c.range_elements, partial);
    steps[image] = c.rows.step(values, c.range_elements, range);
  }
  auto* copy = reinterpret_cast<std::uint8_t*>(args.scratch);
  split_work(c.threads, c.parts, [&](int part, int parts, int) noexcept {
    const Share mine = share(w.images * w.height, part, parts);
    for (std::int64_t image = mine.begin / w.height; image * w.height < mine.end; ++image) {
      const HybridStep& step = steps[image];
      const float* values = input + image * c.range_elements;
      const Share lines{std::max(mine.begin, image * w.height), std::min(mine.end, (image + 1) * w.height)};
      w.copy_lines(input, copy, lines, static_cast<std::uint8_t>(step.scale.zero_point + 128),
                   [&](const float* from, std::int64_t n, std::uint8_t* to) {
                     c.rows.store(step, values, c.range_elements, from - values, from - values + n, to);
                   });
    }
  });
}

void quantize_rows(const HybridConvolution& c, const KernelArgs& args, HybridStep* steps) noexcept {
  auto* copy = reinterpret_cast<std::uint8_t*>(args.scratch);
  const std::int64_t n = c.range_elements;
  split_work(c.threads, c.parts, [&](int part, int parts, int) noexcept {
    const Share mine = share(c.ranges, part, parts);
    for (std::int64_t row = mine.begin; row < mine.end; ++row) {
      const float* values = args.in<float>(0) + row * n;
      steps[row] = c.rows.step(values, n);
      c.rows.store(steps[row], values, n, 0, n, copy + row * n);
    }
  });
}

void multiply_rows(const HybridConvolution& c, const KernelArgs& args, const HybridStep* steps, int part, int parts,
                   int worker) noexcept {
  const WindowRows& w = c.windows;
  const PackedRows& p = c.packed;
  const auto* input = reinterpret_cast<const std::uint8_t*>(args.scratch);
  auto* sums = reinterpret_cast<std::int32_t*>(args.scratch + c.sums_at + static_cast<std::size_t>(worker) * c.sums_bytes);
  const std::int64_t channels = c.channels(), rows_of_range = w.count() / c.ranges;
  const ProductPart mine = part_of_product(w.count(), p.group_out, p.vectors(), part, parts);
  const std::int64_t first = mine.vectors.begin * vector_channels,
                     count = std::min(mine.vectors.end * vector_channels, p.group_out) - first;
  if (count <= 0) return;
  for (std::int64_t group = 0; group < p.groups; ++group) {
    kernels::GemmS8 gemm = p.sums_of(group, w);
    gemm.output = reinterpret_cast<std::uint8_t*>(sums);
    w.each_stretch(mine.rows, [&](std::ptrdiff_t at, std::int64_t row, std::int64_t stretch) noexcept {
      for (std::int64_t done = 0; done < stretch; done += c.chunk) {
        const std::int64_t n = std::min(c.chunk, stretch - done);
        gemm.input = input + at + done * w.row_stride + group * c.group_in;
        c.run(gemm, n, mine.vectors.begin, mine.vectors.end);
        for (std::int64_t r = 0; r < n; ++r) {
          const std::int64_t pixel = row + done + r;
          kernels::FinishF32 finish = c.finish.of(group * p.group_out + first, steps[pixel / rows_of_range].scale);
          finish.sums = sums + r * p.group_out + first;
          finish.out = args.out<float>() + pixel * channels + group * p.group_out + first;
          c.rows.kernel->finish(finish, count);
        }
      }
    });
  }
}

void run(const KernelArgs& args) noexcept {
  const auto& c = args.prepared_as<HybridConvolution>();
  auto* steps = reinterpret_cast<HybridStep*>(args.scratch + c.steps_at);
  (c.by_rows ? quantize_rows : quantize_images)(c, args, steps);
  split_work(c.threads, c.parts,
             [&](int part, int parts, int worker) noexcept { multiply_rows(c, args, steps, part, parts, worker); });
}

bool fits(const PrepareContext& context, const ConvPlan& plan) {
  if (!plan.hybrid || !fits_packed_rows(plan) || !fits_hybrid_finish(context, plan.output)) return false;
  if (!context.constant(1) || context.constant(0)) return false;
  return context.outputs[0].elements() > 0 && context.inputs[0].elements() > 0;
}

}  // namespace

bool fast_hybrid_convolution(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const Execution& execution = candidate.execution;
  const auto& plan = *static_cast<const ConvPlan*>(prepared.data.get());
  if (!fits(context, plan)) return false;
  auto made = std::make_shared<HybridConvolution>();
  HybridConvolution& c = *made;
  const ConvGeometry& g = plan.geometry;
  if (!c.windows.plan(g, true)) return false;
  const std::int64_t elements = context.inputs[0].elements();
  c.range_elements = plan.scale_elements;
  c.ranges = elements / c.range_elements;
  c.by_rows = c.ranges != g.batch || (g.batch == 1 && g.pixels() == 1 && g.taps() == 1);
  if (c.by_rows && (g.taps() != 1 || g.batch != 1 || g.in[1] != 1 || c.ranges != g.in[2] || c.ranges != g.out[2])) return false;
  if (plan.pixels_per_scale * c.ranges != c.windows.count() || c.windows.copied_elements() < (c.by_rows ? elements : 0))
    return false;
  const kernels::GemmS8Kernel& kernel = kernels::gemm_s8(execution.cpu);
  auto packed = PackedRows::pack(row_weights(plan, context.inputs[1], c.windows), execution.cache, kernel.name);
  if (!packed) return false;
  c.packed = *std::move(packed);
  c.packed.for_sums();
  c.finish.make(plan.output, c.packed.sums, context.has(2) ? context.inputs[2].as<float>() : nullptr);
  c.run = kernel.run;
  c.rows = {&kernels::hybrid_f32(execution.cpu), plan.asymmetric};
  c.group_in = g.group_in;
  c.threads = execution.threads;
  c.parts = parts_of(c.threads, c.windows.count() * g.channels_out() / (products_worth_splitting / g.depth() + 1));
  c.chunk = rows_of_sums(g.group_out);
  std::size_t scratch = static_cast<std::size_t>(c.windows.copied_elements() + read_behind);
  const auto take = [&scratch](std::int64_t bytes) {
    const std::size_t at = (scratch + 63) / 64 * 64;
    scratch = at + static_cast<std::size_t>(bytes);
    return at;
  };
  c.steps_at = take(c.ranges * static_cast<std::int64_t>(sizeof(HybridStep)));
  c.partial_at = take(c.parts * static_cast<std::int64_t>(sizeof(kernels::RangeF32)));
  c.sums_bytes = bytes_of_sums(std::min(c.chunk, c.windows.count()), g.group_out);
  c.sums_at = take(static_cast<std::int64_t>(c.sums_bytes) * (c.threads ? c.threads->workers() : 1));
  prepared = {.run = run,
              .scratch_bytes = scratch,
              .prepared_bytes = c.packed.bytes() + c.finish.bytes(),
              .kernel = "gemm_s8",
              .instructions = kernel.name};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
