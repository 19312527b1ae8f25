// maximum, minimum, max_pool_2d, arg_max and arg_min of bytes.
#include "kernels/extreme_s8/extreme_s8.hpp"
#include "ops/support/arg.hpp"
#include "ops/support/broadcast.hpp"
#include "ops/support/pool.hpp"
#include "runtime/fast/fast_kernel.hpp"
#include "runtime/fast/pool_windows.hpp"

namespace qgraph::runtime {
namespace {

using kernels::ByteOrder;
using kernels::ExtremeS8Kernel;
constexpr std::int64_t bytes_worth_splitting = 1 << 15;

bool one_byte(const TensorType& type) { return type.storage() == DType::int8 || type.storage() == DType::uint8; }
ByteOrder order_of(const TensorType& type, bool largest) {
  return static_cast<ByteOrder>((type.storage() == DType::int8 ? 0x80 : 0) ^ (largest ? 0 : 0xFF));
}

struct Between {
  ByteOrder order = 0;
  kernels::ExtremeS8Fn run = nullptr;
  ThreadPool* threads = nullptr;
  Broadcast<2> loops{};
};

/// The outermost loop is what parts share.
void run_between(const KernelArgs& args) noexcept {
  const auto& b = args.prepared_as<Between>();
  const auto& outer = b.loops.loops.front();
  const auto* x = args.in<std::uint8_t>(0);
  const auto* y = args.in<std::uint8_t>(1);
  split_work(b.threads, parts_of(b.threads, b.loops.elements / bytes_worth_splitting), [&](int part, int parts, int) noexcept {
    const Share mine = share(outer.size, part, parts);
    std::uint8_t* out = args.out<std::uint8_t>() + b.loops.elements / outer.size * mine.begin;
    const auto row = [&](std::int64_t n, const std::array<std::int64_t, 2>& at, const std::array<std::int64_t, 2>& steps) {
      b.run(b.order, x + at[0], static_cast<int>(steps[0]), y + at[1], static_cast<int>(steps[1]), out, n);
      out += n;
    };
    if (b.loops.loops.size() == 1)
      return row(mine.end - mine.begin, {mine.begin * outer.strides[0], mine.begin * outer.strides[1]}, outer.strides);
    for (std::int64_t i = mine.begin; i < mine.end; ++i)
      detail::walk_from(b.loops, 1, {i * outer.strides[0], i * outer.strides[1]}, row);
  });
}

bool take_over_between(const Candidate& candidate, bool largest, Prepared& prepared) {
  const ExtremeS8Kernel* kernel = kernels::extreme_s8(candidate.execution.cpu);
  const TensorType& type = *candidate.context.inputs[0].type;
  const auto& loops = *static_cast<const Broadcast<2>*>(prepared.data.get());
  if (!kernel || !one_byte(type) || loops.elements == 0) return false;
  auto made = std::make_shared<Between>(Between{order_of(type, largest), kernel->between, candidate.execution.threads, loops});
  prepared = {.run = run_between, .prepared_bytes = sizeof(Between), .kernel = "extreme_s8", .instructions = kernel->name};
  prepared.data = std::move(made);
  return true;
}

struct MaxPool {
  PoolWindows pool;
  kernels::ExtremeWindows windows{};
  kernels::ExtremeWindowsFn run = nullptr;
};

void run_max_pool(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<MaxPool>();
  p.pool.each(
      p.windows, args.in<std::uint8_t>(0), args.out<std::uint8_t>(),
      [&](const kernels::ExtremeWindows& w, const std::uint8_t* in, std::uint8_t* out, std::int64_t) { p.run(w, in, out); });
}

struct Places {
  kernels::ExtremePlaces places{};
  kernels::ExtremePlacesFn run = nullptr;
  std::int64_t rows = 0;
  ThreadPool* threads = nullptr;
};

void run_places(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<Places>();
  split_work(p.threads, parts_of(p.threads, p.rows * p.places.depth / bytes_worth_splitting),
             [&](int part, int parts, int) noexcept {
               const Share mine = share(p.rows, part, parts);
               std::byte* out = args.outputs[0].data + mine.begin * (p.places.wide ? 8 : 4);
               p.run(p.places, args.in<std::uint8_t>(0) + mine.begin * p.places.depth, out, mine.end - mine.begin);
             });
}

bool take_over_places(const Candidate& candidate, bool largest, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const ExtremeS8Kernel* kernel = kernels::extreme_s8(candidate.execution.cpu);
  const View &in = context.inputs[0], &axis = context.inputs[1];
  if (!kernel || !one_byte(*in.type) || !context.constant(1) || axis.elements() != 1 || in.rank() == 0) return false;
  const auto at = normalize_axis(integer_at(axis.data, axis.type->storage(), 0), in.rank());
  if (!at || *at + 1 != in.rank() || in.elements() == 0) return false;
  const auto& a = context.attributes<ArgExtreme>();
  auto made = std::make_shared<Places>();
  made->places = {.order = order_of(*in.type, largest),
                  .last = a.last,
                  .wide = context.outputs[0].type->storage() == DType::int64,
                  .depth = in.dim(*at)};
  made->run = kernel->places;
  made->rows = in.elements() / in.dim(*at);
  made->threads = candidate.execution.threads;
  prepared = {.run = run_places, .prepared_bytes = sizeof(Places), .kernel = "extreme_s8", .instructions = kernel->name};
  prepared.data = std::move(made);
  return true;
}

}  // namespace

bool fast_maximum(const Candidate& candidate, Prepared& prepared) { return take_over_between(candidate, true, prepared); }
bool fast_minimum(const Candidate& candidate, Prepared& prepared) { return take_over_between(candidate, false, prepared); }
bool fast_arg_max(const Candidate& candidate, Prepared& prepared) { return take_over_places(candidate, true, prepared); }
bool fast_arg_min(const Candidate& candidate, Prepared& prepared) { return take_over_places(candidate, false, prepared); }

bool fast_max_pool(const Candidate& candidate, Prepared& prepared) {
  const ExtremeS8Kernel* kernel = kernels::extreme_s8(candidate.execution.cpu);
  const TensorType& type = *candidate.context.inputs[0].type;
  const auto& pool = *static_cast<const PreparedPool*>(prepared.data.get());
  const PoolGeometry& g = pool.geometry;
  if (!kernel || !one_byte(type) || !PoolWindows::serves(g) || candidate.context.outputs[0].elements() == 0) return false;
  if (pool.low_stored > pool.high_stored) return false;
  const ByteOrder order = order_of(type, true);
  const auto ordered = [&](std::int32_t stored) { return static_cast<std::uint8_t>(static_cast<std::uint8_t>(stored) ^ order); };
  auto made =
      std::make_shared<MaxPool>(MaxPool{.pool = {g, candidate.execution.threads, bytes_worth_splitting}, .run = kernel->windows});
  made->windows = made->pool.layout<kernels::ExtremeWindows>();
  made->windows.order = order;
  made->windows.low = ordered(pool.low_stored);
  made->windows.high = ordered(pool.high_stored);
  prepared = {.run = run_max_pool, .prepared_bytes = sizeof(MaxPool), .kernel = "extreme_s8", .instructions = kernel->name};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
