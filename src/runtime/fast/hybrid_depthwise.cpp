// depthwise_conv_2d of reals with 8-bit weights (dynamic range): each image becomes bytes with a range of its own, then sums of
// the kernels for bytes become reals.
#include <algorithm>
#include <cstring>

#include "runtime/fast/depthwise_layer.hpp"
#include "runtime/fast/hybrid_rows.hpp"

namespace qgraph::runtime {
namespace {

/// Reals that become bytes first, a range for each image; the border is another for each.
struct HybridDepthwise {
  Depthwise layer{};
  HybridRows rows{};
  HybridFinish finish{};
  std::size_t stored_at = 0, borders_at = 0, steps_at = 0, partial_at = 0, lines_at = 0, line_bytes = 0;
};

void quantize_images(const HybridDepthwise& h, const KernelArgs& args, HybridStep* steps) noexcept {
  const Depthwise& d = h.layer;
  const std::int64_t each = d.geometry.input.batch;
  auto* partial = reinterpret_cast<kernels::RangeF32*>(args.scratch + h.partial_at);
  auto* stored = reinterpret_cast<std::uint8_t*>(args.scratch + h.stored_at);
  for (std::int64_t image = 0; image < d.geometry.batch; ++image) {
    const float* values = args.in<float>(0) + image * each;
    steps[image] = h.rows.step(values, each, h.rows.range(d.threads, d.parts, values, each, partial));
    std::memset(args.scratch + h.borders_at + image * d.border_bytes, steps[image].scale.zero_point + 128,
                static_cast<std::size_t>(d.border_bytes));
    split_work(d.threads, d.parts, [&](int part, int parts, int) noexcept {
      const Share mine = share(each, part, parts);
      h.rows.store(steps[image], values, each, mine.begin, mine.end, stored + image * each + mine.begin);
    });
  }
}

void run_hybrid(const KernelArgs& args) noexcept {
  const auto& h = args.prepared_as<HybridDepthwise>();
  const Depthwise& d = h.layer;
  const ConvGeometry& g = d.geometry;
  auto* steps = reinterpret_cast<HybridStep*>(args.scratch + h.steps_at);
  quantize_images(h, args, steps);
  split_work(d.threads, d.parts, [&](int part, int parts, int worker) noexcept {
    std::byte* own = args.scratch + h.lines_at + static_cast<std::size_t>(worker) * (h.line_bytes + d.pointer_bytes);
    const auto* sums = reinterpret_cast<const std::int32_t*>(own);
    auto* pointers = reinterpret_cast<const std::uint8_t**>(own + h.line_bytes);
    const std::int64_t line_elements = g.out[2] * d.channels, block_channels = d.channels * d.joined;
    const Share lines = share(g.batch * g.out[1], part, parts);
    for (std::int64_t line = lines.begin; line < lines.end; ++line) {
      const std::int64_t image = line / g.out[1];
      run_line(d, reinterpret_cast<const std::uint8_t*>(args.scratch + h.stored_at) + image * g.input.batch,
               reinterpret_cast<const std::uint8_t*>(args.scratch + h.borders_at) + image * d.border_bytes, line % g.out[1],
               reinterpret_cast<std::uint8_t*>(own), pointers);
      kernels::FinishF32 finish = h.finish.of(0, steps[image].scale);
      for (std::int64_t at = 0; at < line_elements; at += block_channels) {
        finish.sums = sums + at;
        finish.out = args.out<float>() + line * line_elements + at;
        h.rows.kernel->finish(finish, std::min(block_channels, line_elements - at));
      }
    }
  });
}

}  // namespace

bool fast_hybrid_depthwise(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const auto& plan = *static_cast<const ops::DepthwisePlan*>(prepared.data.get());
  if (!plan.hybrid || !fits_depthwise(context, plan) || !fits_hybrid_finish(context, plan.output)) return false;
  auto made = std::make_shared<HybridDepthwise>();
  Depthwise& d = made->layer;
  if (!d.lay_out(plan.geometry, false) || !d.pack(plan)) return false;
  d.result_bytes = 4;
  d.constants.make_sums(d.layer.channels);
  d.connect(candidate, [](std::int64_t) { return 0; });
  made->rows = {&kernels::hybrid_f32(candidate.execution.cpu), true};
  made->finish.make(plan.output, d.sums.data(), context.has(2) ? context.inputs[2].as<float>() : nullptr, d.joined);
  const ConvGeometry& g = plan.geometry;
  std::size_t scratch = 0;
  const auto take = [&scratch](std::int64_t bytes) {
    const std::size_t at = scratch;
    scratch += static_cast<std::size_t>((bytes + 127) / 64 * 64);  // with what may be read behind
    return at;
  };
  made->stored_at = take(context.inputs[0].elements());
  made->borders_at = take(g.batch * d.border_bytes);
  made->steps_at = take(g.batch * static_cast<std::int64_t>(sizeof(HybridStep)));
  made->partial_at = take(d.parts * static_cast<std::int64_t>(sizeof(kernels::RangeF32)));
  const std::int64_t workers = d.threads ? d.threads->workers() : 1;
  made->line_bytes = static_cast<std::size_t>((g.out[2] * d.channels * 4 + 63) / 64 * 64);
  made->lines_at = take(workers * static_cast<std::int64_t>(made->line_bytes + d.pointer_bytes));
  prepared = {.run = run_hybrid,
              .scratch_bytes = scratch,
              .prepared_bytes = d.weights.size() + d.constants.bytes() + made->finish.bytes(),
              .kernel = "depthwise_s8",
              .instructions = kernels::depthwise_s8(candidate.execution.cpu).name};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
