// conv_2d and fully_connected of 16-bit activations with 8-bit weights: the input becomes two planes of bytes while it is copied
// into an image that has its border; the products of both planes' rows are summed apart.
#include <algorithm>
#include <cstring>

#include "ops/support/conv_plan.hpp"
#include "runtime/fast/fast_kernel.hpp"
#include "runtime/fast/packed_rows.hpp"
#include "runtime/fast/wide_rows.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t products_worth_splitting = 1 << 17;
constexpr std::int64_t read_behind = 64;

struct WideConvolution {
  kernels::GemmS8Fn run = nullptr;
  const kernels::WideS16Kernel* wide = nullptr;
  ThreadPool* threads = nullptr;
  WideFinish finish{};
  PackedRows packed{};
  WindowRows windows{};
  std::int64_t group_in = 0;
  std::ptrdiff_t plane = 0;  ///< bytes from the high one to the low one
  int parts = 1;
  std::int64_t chunk = 1;  ///< rows whose sums are kept at a time
  std::size_t sums_at = 0, sums_bytes = 0;
};

void copy_planes(const WideConvolution& c, const std::int16_t* input, std::uint8_t* copy, Share lines) noexcept {
  const WindowRows& w = c.windows;
  const std::int64_t line = w.width * w.channels;
  std::memset(copy + c.plane + lines.begin * line, 0, static_cast<std::size_t>((lines.end - lines.begin) * line));
  w.copy_lines(input, copy, lines, std::uint8_t{0x80},
               [&](const std::int16_t* from, std::int64_t n, std::uint8_t* to) { c.wide->split(from, n, to, to + c.plane); });
}

void multiply_rows(const WideConvolution& c, const KernelArgs& args, int part, int parts, int worker) noexcept {
  const WindowRows& w = c.windows;
  const PackedRows& p = c.packed;
  const auto* input = reinterpret_cast<const std::uint8_t*>(args.scratch);
  auto* high = reinterpret_cast<std::int32_t*>(args.scratch + c.sums_at + static_cast<std::size_t>(worker) * 2 * c.sums_bytes);
  auto* low = reinterpret_cast<std::int32_t*>(reinterpret_cast<std::byte*>(high) + c.sums_bytes);
  const std::int64_t channels = p.groups * p.group_out;
  const ProductPart mine = part_of_product(w.count(), p.group_out, p.vectors(), part, parts);
  const std::int64_t first = mine.vectors.begin * vector_channels,
                     count = std::min(mine.vectors.end * vector_channels, p.group_out) - first;
  if (count <= 0) return;
  for (std::int64_t group = 0; group < p.groups; ++group) {
    kernels::GemmS8 gemm = p.sums_of(group, w);
    kernels::FinishS16 finish = c.finish.of(group * p.group_out + first);
    w.each_stretch(mine.rows, [&](std::ptrdiff_t at, std::int64_t row, std::int64_t stretch) noexcept {
      for (std::int64_t done = 0; done < stretch; done += c.chunk) {
        const std::int64_t n = std::min(c.chunk, stretch - done);
        gemm.input = input + at + done * w.row_stride + group * c.group_in;
        gemm.output = reinterpret_cast<std::uint8_t*>(high);
        c.run(gemm, n, mine.vectors.begin, mine.vectors.end);
        gemm.input += c.plane;
        gemm.output = reinterpret_cast<std::uint8_t*>(low);
        c.run(gemm, n, mine.vectors.begin, mine.vectors.end);
        for (std::int64_t r = 0; r < n; ++r) {
          finish.high = high + r * p.group_out + first;
          finish.low = low + r * p.group_out + first;
          finish.out = args.out<std::int16_t>() + (row + done + r) * channels + group * p.group_out + first;
          c.wide->finish(finish, count);
        }
      }
    });
  }
}

void run(const KernelArgs& args) noexcept {
  const auto& c = args.prepared_as<WideConvolution>();
  split_work(c.threads, c.parts, [&](int part, int parts, int) noexcept {
    copy_planes(c, args.in<std::int16_t>(0), reinterpret_cast<std::uint8_t*>(args.scratch),
                share(c.windows.images * c.windows.height, part, parts));
  });
  split_work(c.threads, c.parts, [&](int part, int parts, int worker) noexcept { multiply_rows(c, args, part, parts, worker); });
}

bool fits(const PrepareContext& context, const ConvPlan& plan) {
  if (plan.floats || plan.hybrid || !fits_packed_rows(plan) || !context.constant(1)) return false;
  return fits_wide(context, plan.input_scale.zero_point, plan.geometry.depth());
}

}  // namespace

bool fast_wide_convolution(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const Execution& execution = candidate.execution;
  const auto& plan = *static_cast<const ConvPlan*>(prepared.data.get());
  if (!fits(context, plan)) return false;
  auto made = std::make_shared<WideConvolution>();
  WideConvolution& c = *made;
  const ConvGeometry& g = plan.geometry;
  if (!c.windows.plan(g, true)) return false;
  const kernels::GemmS8Kernel& kernel = kernels::gemm_s8(execution.cpu);
  auto packed = PackedRows::pack(row_weights(plan, context.inputs[1], c.windows), execution.cache, kernel.name);
  if (!packed) return false;
  c.packed = *std::move(packed);
  c.packed.for_sums();
  if (!c.finish.make(plan.output, context.has(2) ? context.inputs[2] : View{}, c.packed.sums)) return false;
  c.run = kernel.run;
  c.wide = &kernels::wide_s16(execution.cpu);
  c.group_in = g.group_in;
  c.threads = execution.threads;
  c.parts = parts_of(c.threads, c.windows.count() * g.channels_out() / (products_worth_splitting / g.depth() + 1));
  c.chunk = rows_of_sums(g.group_out);
  c.plane = (c.windows.copied_elements() + read_behind + 63) / 64 * 64;
  c.sums_at = static_cast<std::size_t>(2 * c.plane);
  c.sums_bytes = bytes_of_sums(std::min(c.chunk, c.windows.count()), g.group_out);
  prepared = {.run = run,
              .scratch_bytes = c.sums_at + 2 * c.sums_bytes * static_cast<std::size_t>(c.threads ? c.threads->workers() : 1),
              .prepared_bytes = c.packed.bytes() + c.finish.bytes(),
              .kernel = "gemm_s8",
              .instructions = kernel.name};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
