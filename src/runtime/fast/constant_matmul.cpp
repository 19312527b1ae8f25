// batch_matmul of reals (dynamic range) or 16-bit activations with one constant matrix of 8-bit weights: rows become bytes, or
// two planes of them, for products of packed rows.
#include <algorithm>

#include "ops/batch_matmul.hpp"
#include "runtime/fast/fast_kernel.hpp"
#include "runtime/fast/hybrid_rows.hpp"
#include "runtime/fast/packed_rows.hpp"
#include "runtime/fast/wide_rows.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t products_worth_splitting = 1 << 17;
constexpr std::int64_t read_behind = 64, most_depth = 1 << 15;

struct ConstantMatmul {
  kernels::GemmS8Fn run = nullptr;
  ThreadPool* threads = nullptr;
  PackedRows packed{};
  WindowRows windows{};
  bool wide = false;
  HybridRows quantize{};
  HybridFinish finish{};
  const kernels::WideS16Kernel* wide_kernel = nullptr;
  WideFinish wide_finish{};
  std::int64_t rows = 0, depth = 0, columns = 0;
  int parts = 1;
  std::int64_t chunk = 1;
  std::size_t plane = 0;  ///< bytes of the first plane of rows
  std::size_t steps_at = 0, sums_at = 0, sums_bytes = 0;
};

void store_rows(const ConstantMatmul& c, const KernelArgs& args, HybridStep* steps, Share mine) noexcept {
  auto* stored = reinterpret_cast<std::uint8_t*>(args.scratch);
  for (std::int64_t row = mine.begin; row < mine.end; ++row) {
    const std::int64_t at = row * c.depth;
    if (c.wide) {
      c.wide_kernel->split(args.in<std::int16_t>(0) + at, c.depth, stored + at, stored + c.plane + at);
    } else {
      steps[row] = c.quantize.step(args.in<float>(0) + at, c.depth);
      c.quantize.store(steps[row], args.in<float>(0) + at, c.depth, 0, c.depth, stored + at);
    }
  }
}

void multiply_rows(const ConstantMatmul& c, const KernelArgs& args, const HybridStep* steps, int part, int parts,
                   int worker) noexcept {
  const PackedRows& p = c.packed;
  const ProductPart mine = part_of_product(c.rows, c.columns, p.vectors(), part, parts);
  const std::int64_t first = mine.vectors.begin * vector_channels,
                     count = std::min(mine.vectors.end * vector_channels, c.columns) - first;
  if (count <= 0) return;
  std::byte* own = args.scratch + c.sums_at + static_cast<std::size_t>(worker) * 2 * c.sums_bytes;
  const auto *sums = reinterpret_cast<const std::int32_t*>(own), *low = reinterpret_cast<const std::int32_t*>(own + c.sums_bytes);
  kernels::GemmS8 gemm = p.sums_of(0, c.windows);
  for (std::int64_t row = mine.rows.begin; row < mine.rows.end; row += c.chunk) {
    const std::int64_t n = std::min(c.chunk, mine.rows.end - row);
    gemm.input = reinterpret_cast<const std::uint8_t*>(args.scratch) + row * c.depth;
    gemm.output = reinterpret_cast<std::uint8_t*>(own);
    c.run(gemm, n, mine.vectors.begin, mine.vectors.end);
    if (c.wide) {
      gemm.input += c.plane;
      gemm.output += c.sums_bytes;
      c.run(gemm, n, mine.vectors.begin, mine.vectors.end);
    }
    for (std::int64_t r = 0; r < n; ++r) {
      const std::int64_t at = r * c.columns + first, to = (row + r) * c.columns + first;
      if (c.wide) {
        kernels::FinishS16 finish = c.wide_finish.of(first);
        finish.high = sums + at;
        finish.low = low + at;
        finish.out = args.out<std::int16_t>() + to;
        c.wide_kernel->finish(finish, count);
      } else {
        const HybridScale scale = steps[row + r].scale;
        kernels::FinishF32 finish = c.finish.of(first, scale);
        finish.sums = sums + at;
        finish.taken = 128;
        finish.zero_point = static_cast<float>(scale.zero_point);
        finish.in_float = true;
        finish.out = args.out<float>() + to;
        c.quantize.kernel->finish(finish, count);
      }
    }
  }
}

void run(const KernelArgs& args) noexcept {
  const auto& c = args.prepared_as<ConstantMatmul>();
  auto* steps = reinterpret_cast<HybridStep*>(args.scratch + c.steps_at);
  split_work(c.threads, c.parts,
             [&](int part, int parts, int) noexcept { store_rows(c, args, steps, share(c.rows, part, parts)); });
  split_work(c.threads, c.parts,
             [&](int part, int parts, int worker) noexcept { multiply_rows(c, args, steps, part, parts, worker); });
}

/// From [depth][column], zero points taken off, to [column][depth]. Empty: they are no signed bytes.
template <class T>
std::vector<std::byte> columns_of(const ops::BatchMatmulPlan& plan) {
  const auto* y = reinterpret_cast<const T*>(plan.y.data());
  std::vector<std::byte> all(static_cast<std::size_t>(plan.k * plan.n));
  for (std::int64_t k = 0; k < plan.k; ++k)
    for (std::int64_t n = 0; n < plan.n; ++n) {
      const T value = y[k * plan.n + n];
      if (value < -128 || value > 127) return {};
      all[static_cast<std::size_t>(n * plan.k + k)] = static_cast<std::byte>(value);
    }
  return all;
}

}  // namespace

bool fast_constant_matmul(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const Execution& execution = candidate.execution;
  const auto& plan = *static_cast<const ops::BatchMatmulPlan*>(prepared.data.get());
  const View &x = context.inputs[0], &y = context.inputs[1];
  const bool wide = x.type->dtype() == DType::qint16 && x.type->zero_point() == 0 && plan.zero_points_apply;
  if ((!plan.hybrid && !wide) || !context.constant(1) || context.constant(0) || bits(y.type->storage()) > 8) return false;
  if (plan.k < 1 || plan.k > most_depth || plan.n < 1 || plan.m < 1 || plan.x_depth != 1) return false;
  if (y.elements() != plan.k * plan.n || x.elements() != plan.batches * plan.m * plan.k) return false;
  if (plan.hybrid && !fits_hybrid_finish(context, plan.output)) return false;
  auto made = std::make_shared<ConstantMatmul>();
  ConstantMatmul& c = *made;
  c.wide = wide;
  c.rows = plan.batches * plan.m;
  c.depth = plan.k;
  c.columns = plan.n;
  const auto weights = wide ? columns_of<std::int64_t>(plan) : columns_of<std::int16_t>(plan);
  if (weights.empty()) return false;
  const kernels::GemmS8Kernel& kernel = kernels::gemm_s8(execution.cpu);
  auto packed =
      PackedRows::pack({.rows = weights.data(), .group_out = c.columns, .run_length = c.depth}, execution.cache, kernel.name);
  if (!packed) return false;
  c.packed = *std::move(packed);
  c.packed.for_sums();
  if (wide && !c.wide_finish.make(plan.output, View{}, c.packed.sums)) return false;
  if (!wide) c.finish.make(plan.output, c.packed.sums, nullptr);
  c.windows.runs = {0};
  c.windows.row_stride = c.depth;
  c.run = kernel.run;
  c.quantize = {&kernels::hybrid_f32(execution.cpu), plan.asymmetric};
  c.wide_kernel = &kernels::wide_s16(execution.cpu);
  c.threads = execution.threads;
  c.parts = parts_of(c.threads, c.rows * c.columns / (products_worth_splitting / c.depth + 1));
  c.chunk = rows_of_sums(c.columns);
  c.plane = static_cast<std::size_t>((c.rows * c.depth + read_behind + 63) / 64 * 64);
  c.steps_at = (wide ? 2 : 1) * c.plane;
  c.sums_at = c.steps_at + (wide ? 0 : (static_cast<std::size_t>(c.rows) * sizeof(HybridStep) + 63) / 64 * 64);
  c.sums_bytes = bytes_of_sums(std::min(c.chunk, c.rows), c.columns);
  prepared = {.run = run,
              .scratch_bytes = c.sums_at + 2 * c.sums_bytes * static_cast<std::size_t>(c.threads ? c.threads->workers() : 1),
              .prepared_bytes = c.packed.bytes() + c.finish.bytes() + c.wide_finish.bytes(),
              .kernel = "gemm_s8",
              .instructions = kernel.name};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
