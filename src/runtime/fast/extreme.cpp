// maximum, minimum, max_pool_2d, arg_max and arg_min of bytes.
#include "kernels/extreme_s8/extreme_s8.hpp"
#include "ops/support/arg.hpp"
#include "ops/support/broadcast.hpp"
#include "ops/support/pool.hpp"
#include "runtime/fast/fast_kernel.hpp"

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
  kernels::ExtremeWindows windows{};
  kernels::ExtremeWindowsFn run = nullptr;
  ThreadPool* threads = nullptr;
  int parts = 1;
  PoolGeometry geometry;
  std::int64_t full_begin = 0, full_end = 0;  ///< columns of windows that lie inside the input from left to right
};

void run_line(const MaxPool& p, const std::uint8_t* in, std::uint8_t* out, const PoolGeometry::Taps& taps) noexcept {
  const PoolGeometry& g = p.geometry;
  kernels::ExtremeWindows w = p.windows;
  w.rows = taps.last - taps.first;
  in += (taps.origin + taps.first * g.dilation[1]) * g.in_step[1];
  const auto some = [&](std::int64_t begin, std::int64_t count) {
    const auto across = g.taps(2, begin);
    w.columns = across.last - across.first;
    w.windows = count;
    p.run(w, in + (across.origin + across.first * g.dilation[2]) * g.in_step[2], out + begin * g.out_step[2]);
  };
  for (std::int64_t x = 0; x < p.full_begin; ++x) some(x, 1);
  if (p.full_begin < p.full_end) some(p.full_begin, p.full_end - p.full_begin);
  for (std::int64_t x = p.full_end; x < g.out[2]; ++x) some(x, 1);
}

void run_max_pool(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<MaxPool>();
  const PoolGeometry& g = p.geometry;
  split_work(p.threads, p.parts, [&](int part, int parts, int) noexcept {
    const Share mine = share(g.batch * g.out[1], part, parts);
    for (std::int64_t line = mine.begin; line < mine.end; ++line) {
      const std::int64_t b = line / g.out[1], y = line % g.out[1];
      run_line(p, args.in<std::uint8_t>(0) + b * g.in_batch, args.out<std::uint8_t>() + b * g.out_batch + y * g.out_step[1],
               g.taps(1, y));
    }
  });
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
  if (!kernel || !one_byte(type) || g.in_channel != 1 || g.out_channel != 1 || candidate.context.outputs[0].elements() == 0)
    return false;
  if (pool.low_stored > pool.high_stored) return false;
  const ByteOrder order = order_of(type, true);
  const auto ordered = [&](std::int32_t stored) { return static_cast<std::uint8_t>(static_cast<std::uint8_t>(stored) ^ order); };
  auto made = std::make_shared<MaxPool>(MaxPool{.geometry = g});
  made->windows = {.order = order,
                   .low = ordered(pool.low_stored),
                   .high = ordered(pool.high_stored),
                   .depth = g.channels,
                   .row_step = g.dilation[1] * g.in_step[1],
                   .column_step = g.dilation[2] * g.in_step[2],
                   .window_step = g.stride[2] * g.in_step[2]};
  const auto full = [&](std::int64_t x) {
    const auto taps = g.taps(2, x);
    return taps.first == 0 && taps.last == g.filter[2];
  };
  while (made->full_begin < g.out[2] && !full(made->full_begin)) ++made->full_begin;
  made->full_end = made->full_begin;
  while (made->full_end < g.out[2] && full(made->full_end)) ++made->full_end;
  made->run = kernel->windows;
  made->threads = candidate.execution.threads;
  made->parts =
      parts_of(made->threads, candidate.context.outputs[0].elements() * g.filter[1] * g.filter[2] / bytes_worth_splitting);
  prepared = {.run = run_max_pool, .prepared_bytes = sizeof(MaxPool), .kernel = "extreme_s8", .instructions = kernel->name};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
