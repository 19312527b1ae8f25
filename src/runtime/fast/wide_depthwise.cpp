// depthwise_conv_2d of 16-bit activations with 8-bit weights: the input becomes two planes of bytes, whose sums are made apart.
#include <algorithm>

#include "runtime/fast/depthwise_layer.hpp"
#include "runtime/fast/wide_rows.hpp"

namespace qgraph::runtime {
namespace {

struct WideDepthwise {
  Depthwise layer{};
  const kernels::WideS16Kernel* wide = nullptr;
  WideFinish finish{};
  std::vector<std::uint8_t> high_border{}, low_border{};  ///< lines of zeros
  std::size_t plane = 0;                                  ///< bytes of the high plane, behind which the low one lies
  std::size_t lines_at = 0, line_bytes = 0;
};

void run(const KernelArgs& args) noexcept {
  const auto& w = args.prepared_as<WideDepthwise>();
  const Depthwise& d = w.layer;
  const ConvGeometry& g = d.geometry;
  auto* high = reinterpret_cast<std::uint8_t*>(args.scratch);
  std::uint8_t* low = high + w.plane;
  split_work(d.threads, d.parts, [&](int part, int parts, int) noexcept {
    const Share mine = share(g.batch * g.input.batch, part, parts);
    w.wide->split(args.in<std::int16_t>(0) + mine.begin, mine.end - mine.begin, high + mine.begin, low + mine.begin);
  });
  split_work(d.threads, d.parts, [&](int part, int parts, int worker) noexcept {
    std::byte* own = args.scratch + w.lines_at + static_cast<std::size_t>(worker) * (2 * w.line_bytes + d.pointer_bytes);
    auto* high_sums = reinterpret_cast<std::uint8_t*>(own);
    std::uint8_t* low_sums = high_sums + w.line_bytes;
    auto* pointers = reinterpret_cast<const std::uint8_t**>(own + 2 * w.line_bytes);
    const std::int64_t line_elements = g.out[2] * d.channels, block_channels = d.channels * d.joined;
    const Share lines = share(g.batch * g.out[1], part, parts);
    for (std::int64_t line = lines.begin; line < lines.end; ++line) {
      const std::int64_t image = line / g.out[1] * g.input.batch;
      run_line(d, high + image, w.high_border.data(), line % g.out[1], high_sums, pointers);
      run_line(d, low + image, w.low_border.data(), line % g.out[1], low_sums, pointers);
      kernels::FinishS16 finish = w.finish.of(0);
      for (std::int64_t at = 0; at < line_elements; at += block_channels) {
        finish.high = reinterpret_cast<const std::int32_t*>(high_sums) + at;
        finish.low = reinterpret_cast<const std::int32_t*>(low_sums) + at;
        finish.out = args.out<std::int16_t>() + line * line_elements + at;
        w.wide->finish(finish, std::min(block_channels, line_elements - at));
      }
    }
  });
}

}  // namespace

bool fast_wide_depthwise(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const auto& plan = *static_cast<const ops::DepthwisePlan*>(prepared.data.get());
  if (plan.hybrid || !fits_depthwise(context, plan)) return false;
  if (!fits_wide(context, plan.input_scale.zero_point, plan.geometry.taps())) return false;
  auto made = std::make_shared<WideDepthwise>();
  WideDepthwise& w = *made;
  Depthwise& d = w.layer;
  if (!d.lay_out(plan.geometry, false) || !d.pack(plan)) return false;
  if (!w.finish.make(plan.output, context.has(2) ? context.inputs[2] : View{}, d.sums.data(), d.joined)) return false;
  d.result_bytes = 4;
  d.constants.make_sums(d.layer.channels);
  d.connect(candidate, [](std::int64_t) { return 0; });
  w.wide = &kernels::wide_s16(candidate.execution.cpu);
  w.high_border.assign(static_cast<std::size_t>(d.border_bytes), 0x80);
  w.low_border.assign(static_cast<std::size_t>(d.border_bytes), 0);
  w.plane = static_cast<std::size_t>((context.inputs[0].elements() + 127) / 64 * 64);
  w.lines_at = 2 * w.plane;
  w.line_bytes = static_cast<std::size_t>((plan.geometry.out[2] * d.channels * 4 + 63) / 64 * 64);
  prepared = {.run = run,
              .scratch_bytes = w.lines_at + (2 * w.line_bytes + d.pointer_bytes) *
                                                static_cast<std::size_t>(d.threads ? d.threads->workers() : 1),
              .prepared_bytes = d.weights.size() + d.constants.bytes() + w.finish.bytes(),
              .kernel = "depthwise_s8",
              .instructions = kernels::depthwise_s8(candidate.execution.cpu).name};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
