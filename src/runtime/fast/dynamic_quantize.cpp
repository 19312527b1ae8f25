// dynamic_quantize: the range by vectors, then as quantize does it.
#include <cmath>

#include "kernels/quantize_s8/quantize_s8.hpp"
#include "runtime/fast/fast_kernel.hpp"
#include "runtime/fast/hybrid_rows.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t elements_worth_splitting = 1 << 14;

struct DynamicQuantize {
  KernelFn reference = nullptr;
  kernels::QuantizeS8Fn quantize = nullptr;
  HybridRows rows{};
  ThreadPool* threads = nullptr;
  int parts = 1;
};

void run(const KernelArgs& args) noexcept {
  const auto& d = args.prepared_as<DynamicQuantize>();
  const float* in = args.in<float>(0);
  const std::int64_t n = args.inputs[0].elements();
  const kernels::RangeF32 range = d.rows.range(d.threads, d.parts, in, n, reinterpret_cast<kernels::RangeF32*>(args.scratch));
  const float low = std::min(0.0F, range.low), high = std::max(0.0F, range.high),
              scale = low == high ? 1.0F : (high - low) / 255.0F;
  // What is not a number, and ranges beyond what floats hold, are left to the reference.
  if (!range.ordered || !std::isfinite(scale) || !std::isfinite(low / scale)) return d.reference(args);
  const float zero_point = std::nearbyint(std::clamp(0.0F - low / scale, 0.0F, 255.0F));
  const kernels::QuantizeS8 quantize{.scale = scale,
                                     .zero_point = static_cast<std::int32_t>(zero_point) - 128,
                                     .low = -128,
                                     .high = 127,
                                     .flip = 0x80,
                                     .half_even = true};
  split_work(d.threads, d.parts, [&](int part, int parts, int) noexcept {
    const Share mine = share(n, part, parts);
    d.quantize(quantize, in + mine.begin, args.out<std::uint8_t>() + mine.begin, mine.end - mine.begin);
  });
  *args.out<float>(1) = scale;
  *args.out<std::uint8_t>(2) = static_cast<std::uint8_t>(zero_point);
}

}  // namespace

bool fast_dynamic_quantize(const Candidate& candidate, Prepared& prepared) {
  const kernels::QuantizeS8Kernel* kernel = kernels::quantize_s8(candidate.execution.cpu);
  const std::int64_t n = candidate.context.inputs[0].elements();
  if (!kernel || n == 0) return false;
  auto made = std::make_shared<DynamicQuantize>(DynamicQuantize{.reference = candidate.reference.run,
                                                                .quantize = kernel->run,
                                                                .rows = {&kernels::hybrid_f32(candidate.execution.cpu), true},
                                                                .threads = candidate.execution.threads});
  made->parts = parts_of(made->threads, n / elements_worth_splitting);
  prepared = {.run = run,
              .scratch_bytes = static_cast<std::size_t>(made->parts) * sizeof(kernels::RangeF32),
              .kernel = "quantize_s8",
              .instructions = kernel->name};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
