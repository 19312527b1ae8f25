// Means of windows, of bytes as stored and as reals, and of floats; maxima of windows of floats.
#include "kernels/average_s8/average_s8.hpp"
#include "kernels/windows_f32/windows_f32.hpp"
#include "ops/support/pool.hpp"
#include "runtime/fast/fast_kernel.hpp"
#include "runtime/fast/pool_windows.hpp"
#include "runtime/passes/fused.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t taps_worth_splitting = 1 << 15;
/// Sums of so many bytes, and what rounding adds, are floats.
constexpr std::int64_t most_taps = 1 << 15;

template <class W, class Fn>
struct Pool {
  PoolWindows pool;
  W windows{};
  Fn run = nullptr;
  std::int64_t zero_point = 0;
  bool count_include_pad = false;
};
using BytePool = Pool<kernels::AverageWindows, kernels::AverageWindowsFn>;
using FloatPool = Pool<kernels::FloatWindows, kernels::FloatWindowsFn>;

/// How many elements a mean is of.
template <class P, class W>
std::int64_t divisor(const P& p, const W& w, std::int64_t padded) noexcept {
  return p.count_include_pad ? padded : w.rows * w.columns;
}

void run_stored(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<BytePool>();
  p.pool.each(p.windows, args.in<std::uint8_t>(0), args.out<std::uint8_t>(),
              [&](kernels::AverageWindows w, const std::uint8_t* in, std::uint8_t* out, std::int64_t padded) {
                const std::int64_t n = divisor(p, w, padded);
                // The mean of nothing is the zero point.
                w.added = static_cast<std::int32_t>(p.zero_point * (n == 0 ? 1 : n - w.rows * w.columns));
                w.divisor = static_cast<std::int32_t>(n == 0 ? 1 : n);
                p.run(w, in, out);
              });
}

void run_real(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<BytePool>();
  p.pool.each(p.windows, args.in<std::uint8_t>(0), args.out<std::uint8_t>(),
              [&](kernels::AverageWindows w, const std::uint8_t* in, std::uint8_t* out, std::int64_t padded) {
                const std::int64_t n = divisor(p, w, padded);
                w.float_divisor = n == 0 ? 1.0F : static_cast<float>(n);
                p.run(w, in, out);
              });
}

void run_floats(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<FloatPool>();
  p.pool.each(p.windows, args.in<float>(0), args.out<float>(),
              [&](kernels::FloatWindows w, const float* in, float* out, std::int64_t padded) {
                w.divisor = static_cast<float>(divisor(p, w, padded));
                p.run(w, in, out);
              });
}

template <class P>
bool replace(Prepared& prepared, KernelFn run, P pool, const char* family, const char* instructions) {
  prepared = {.run = run, .prepared_bytes = sizeof(P), .kernel = family, .instructions = instructions};
  prepared.data = std::make_shared<P>(std::move(pool));
  return true;
}

bool one_byte(const TensorType& type) { return type.storage() == DType::int8 || type.storage() == DType::uint8; }
bool in_range(const TensorType& type) {
  const IntegerRange range = integer_range(type.storage());
  return type.zero_point() >= range.min && type.zero_point() <= range.max;
}

/// Each window has taps.
bool never_empty(const PoolGeometry& g) {
  for (int k : {1, 2})
    for (std::int64_t o = 0; o < g.out[static_cast<std::size_t>(k)]; ++o)
      if (const auto taps = g.taps(k, o); taps.first == taps.last) return false;
  return true;
}

bool float_windows(const Candidate& candidate, bool means, Prepared& prepared) {
  const auto& pool = *static_cast<const PreparedPool*>(prepared.data.get());
  const kernels::WindowsF32Kernel* kernel = kernels::windows_f32(candidate.execution.cpu);
  if (!kernel || candidate.context.inputs[0].type->dtype() != DType::float32 || !PoolWindows::serves(pool.geometry) ||
      candidate.context.outputs[0].elements() == 0 || (means ? !never_empty(pool.geometry) : pool.columns_first))
    return false;
  FloatPool made{.pool = {pool.geometry, candidate.execution.threads, taps_worth_splitting},
                 .run = means ? kernel->mean : kernel->most,
                 .count_include_pad = pool.count_include_pad};
  made.windows = made.pool.layout<kernels::FloatWindows>();
  made.windows.columns_first = pool.columns_first;
  made.windows.low = pool.low;
  made.windows.high = pool.high;
  return replace(prepared, run_floats, made, "windows_f32", kernel->name);
}

}  // namespace

bool fast_float_average_pool(const Candidate& candidate, Prepared& prepared) { return float_windows(candidate, true, prepared); }
bool fast_float_max_pool(const Candidate& candidate, Prepared& prepared) { return float_windows(candidate, false, prepared); }

bool fast_average_pool(const Candidate& candidate, Prepared& prepared) {
  const kernels::AverageS8Kernel* kernel = kernels::average_s8(candidate.execution.cpu);
  const TensorType& type = *candidate.context.inputs[0].type;
  if (!kernel || !one_byte(type) || !type.quantized() || !in_range(type)) return false;
  const auto& pool = *static_cast<const PreparedPool*>(prepared.data.get());
  const PoolGeometry& g = pool.geometry;
  if (!PoolWindows::serves(g) || g.filter[1] * g.filter[2] > most_taps || candidate.context.outputs[0].elements() == 0)
    return false;
  if (pool.low_stored > pool.high_stored) return false;
  BytePool made{.pool = {g, candidate.execution.threads, taps_worth_splitting},
                .run = kernel->stored,
                .zero_point = type.zero_point(),
                .count_include_pad = pool.count_include_pad};
  made.windows = made.pool.layout<kernels::AverageWindows>();
  made.windows.is_signed = type.storage() == DType::int8;
  made.windows.low = pool.low_stored;
  made.windows.high = pool.high_stored;
  return replace(prepared, run_stored, made, "average_s8", kernel->name);
}

bool fast_fused_average_pool(const Candidate& candidate, Prepared& prepared) {
  const kernels::AverageS8Kernel* kernel = kernels::average_s8(candidate.execution.cpu);
  const auto& plan = *static_cast<const passes::AveragePlan*>(prepared.data.get());
  const PoolGeometry& g = plan.geometry;
  if (!kernel || !PoolWindows::serves(g) || g.filter[1] * g.filter[2] > most_taps || candidate.context.outputs[0].elements() == 0)
    return false;
  const bool whole = g.out[1] == 1 && g.out[2] == 1 && g.filter[1] == g.in[1] && g.filter[2] == g.in[2];
  const bool in_bounds = plan.zero >= -(1 << 8) && plan.zero <= (1 << 8);
  if ((plan.factor != 0 && !(whole && in_bounds)) || !(plan.low <= plan.high)) return false;
  BytePool made{.pool = {g, candidate.execution.threads, taps_worth_splitting},
                .run = kernel->real,
                .count_include_pad = plan.count_include_pad};
  kernels::AverageWindows& w = made.windows = made.pool.layout<kernels::AverageWindows>();
  w.is_signed = candidate.context.inputs[0].type->storage() == DType::int8;
  w.columns_first = plan.columns_first;
  w.zero = plan.zero;
  w.behind = plan.behind;
  w.scale = plan.scale;
  w.factor = plan.factor;
  w.out_scale = plan.out_scale;
  w.before = plan.before;
  w.least = plan.low;
  w.most = plan.high;
  return replace(prepared, run_real, made, "average_s8", kernel->name);
}

}  // namespace qgraph::runtime
