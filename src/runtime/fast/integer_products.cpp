// conv_integer and matmul_integer with constant weights: products of packed rows. The zero point of the input, which may be known
// at run time only, times the sums of the weights is taken off afterwards. Inputs that are signed, have a border or channels
// first are copied.
#include <algorithm>

#include "kernels/hybrid_f32/hybrid_f32.hpp"
#include "ops/support/conv_geometry.hpp"
#include "ops/support/unpack_sub_byte.hpp"
#include "runtime/fast/fast_kernel.hpp"
#include "runtime/fast/packed_rows.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t products_worth_splitting = 1 << 18;
constexpr std::int64_t read_behind = 64;

struct IntegerProducts {
  kernels::GemmS8Fn run = nullptr;
  kernels::FinishF32Fn finish = nullptr;
  ThreadPool* threads = nullptr;
  ConvGeometry geometry{};
  WindowRows windows{};
  PackedRows packed{};
  std::vector<std::int32_t> sums{};  ///< of weights
  std::uint8_t flip = 0;
  int parts = 1;
  std::int64_t matrix_rows = 0;  ///< of one matrix: its rows may have zero points of their own
  std::int64_t chunk = 1;
  std::size_t sums_at = 0, sums_bytes = 0;
};

std::int32_t zero_of(const KernelArgs& args, std::int64_t row) noexcept {
  if (!args.has(2)) return 0;
  const View& v = args.inputs[2];
  return static_cast<std::int32_t>(integer_at(v.data, v.type->storage(), v.elements() == 1 ? 0 : row));
}

/// A pixel after the other, whatever the order of the input is; borders are the zero point.
void copy_input(const IntegerProducts& c, const KernelArgs& args, std::uint8_t* copy) noexcept {
  const WindowRows& w = c.windows;
  const ConvGeometry& g = c.geometry;
  const std::uint8_t* input = args.in<std::uint8_t>(0);
  const auto border = static_cast<std::uint8_t>(static_cast<std::uint8_t>(zero_of(args, 0)) ^ c.flip);
  split_work(c.threads, c.parts, [&](int part, int parts, int) noexcept {
    const Share mine = share(w.images * w.height, part, parts);
    if (g.input.channel == 1)
      return w.copy_lines(input, copy, mine, border, [&](const std::uint8_t* from, std::int64_t n, std::uint8_t* to) {
        for (std::int64_t i = 0; i < n; ++i) to[i] = static_cast<std::uint8_t>(from[i] ^ c.flip);
      });
    for (std::int64_t line = mine.begin; line < mine.end; ++line) {
      std::uint8_t* to = copy + line * w.width * w.channels;
      std::fill_n(to, w.width * w.channels, border);
      const std::int64_t y = line % w.height - w.pad_top;
      if (y < 0 || y >= w.source_height) continue;
      const std::uint8_t* from = input + line / w.height * g.input.batch + y * g.input.spatial[1];
      const std::int64_t first = std::max<std::int64_t>(0, -w.pad_left), last = std::min(w.source_width, w.width - w.pad_left);
      for (std::int64_t channel = 0; channel < w.channels; ++channel)
        for (std::int64_t x = first; x < last; ++x)
          to[(x + w.pad_left) * w.channels + channel] =
              static_cast<std::uint8_t>(from[channel * g.input.channel + x * g.input.spatial[2]] ^ c.flip);
    }
  });
}

void multiply_rows(const IntegerProducts& c, const KernelArgs& args, const std::uint8_t* input, int part, int parts,
                   int worker) noexcept {
  const WindowRows& w = c.windows;
  const PackedRows& p = c.packed;
  const ConvGeometry& g = c.geometry;
  auto* sums = reinterpret_cast<std::int32_t*>(args.scratch + c.sums_at + static_cast<std::size_t>(worker) * c.sums_bytes);
  const ProductPart mine = part_of_product(w.count(), p.group_out, p.vectors(), part, parts);
  const std::int64_t first = mine.vectors.begin * vector_channels,
                     count = std::min(mine.vectors.end * vector_channels, p.group_out) - first;
  if (count <= 0) return;
  const std::int32_t added = c.flip != 0 ? 128 : 0;
  for (std::int64_t group = 0; group < p.groups; ++group) {
    kernels::GemmS8 gemm = p.sums_of(group, w);
    gemm.output = reinterpret_cast<std::uint8_t*>(sums);
    const std::int64_t channel = group * p.group_out + first;
    w.each_stretch(mine.rows, [&](std::ptrdiff_t at, std::int64_t row, std::int64_t stretch) noexcept {
      for (std::int64_t done = 0; done < stretch; done += c.chunk) {
        const std::int64_t n = std::min(c.chunk, stretch - done);
        gemm.input = input + at + done * w.row_stride + group * g.group_in;
        c.run(gemm, n, mine.vectors.begin, mine.vectors.end);
        for (std::int64_t r = 0; r < n; ++r) {
          const std::int64_t pixel = row + done + r, in_image = pixel % g.pixels();
          std::int32_t* out = args.out<std::int32_t>() + pixel / g.pixels() * g.output.batch + channel * g.output.channel +
                              in_image / g.out[2] * g.output.spatial[1] + in_image % g.out[2] * g.output.spatial[2];
          std::int32_t* from = sums + r * p.group_out + first;
          const bool direct = g.output.channel == 1;
          c.finish({.sums = from,
                    .weight_sums = c.sums.data() + channel,
                    .taken = zero_of(args, pixel % c.matrix_rows) + added,
                    .integers = direct ? out : from},
                   count);
          if (!direct)
            for (std::int64_t i = 0; i < count; ++i) out[i * g.output.channel] = from[i];
        }
      }
    });
  }
}

void run(const KernelArgs& args) noexcept {
  const auto& c = args.prepared_as<IntegerProducts>();
  const std::uint8_t* input = args.in<std::uint8_t>(0);
  if (c.windows.copied) {
    auto* copy = reinterpret_cast<std::uint8_t*>(args.scratch);
    copy_input(c, args, copy);
    input = copy;
  }
  split_work(c.threads, c.parts,
             [&](int part, int parts, int worker) noexcept { multiply_rows(c, args, input, part, parts, worker); });
}

/// Zero points of weights, for each output.
std::optional<std::vector<std::int32_t>> zero_points(const PrepareContext& context) {
  std::vector<std::int32_t> all;
  if (!context.has(3)) return all;
  if (!context.constant(3)) return std::nullopt;
  const View& v = context.inputs[3];
  for (std::int64_t i = 0; i < v.elements(); ++i)
    all.push_back(static_cast<std::int32_t>(integer_at(v.data, v.type->storage(), i)));
  if (std::ranges::all_of(all, [](std::int32_t z) { return z == 0; })) all.clear();
  return all;
}

/// `weights`: bytes as [output][depth].
bool take_over(const Candidate& candidate, const ConvGeometry& g, const std::vector<std::byte>& weights, std::int64_t matrix_rows,
               Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const Execution& execution = candidate.execution;
  const auto zeros = zero_points(context);
  if (!zeros || context.constant(0) || context.outputs[0].elements() == 0 || g.depth() == 0) return false;
  auto made = std::make_shared<IntegerProducts>();
  IntegerProducts& c = *made;
  c.geometry = g;
  c.flip = context.inputs[0].type->storage() == DType::int8 ? 0x80 : 0;
  if (!c.windows.plan(g, c.flip != 0 || g.input.channel != 1)) return false;
  const kernels::GemmS8Kernel& kernel = kernels::gemm_s8(execution.cpu);
  auto packed = PackedRows::pack({.rows = weights.data(),
                                  .storage = context.inputs[1].type->storage(),
                                  .zero_points = *zeros,
                                  .groups = g.groups,
                                  .group_out = g.group_out,
                                  .run_length = c.windows.run_length,
                                  .run_count = c.windows.run_count()},
                                 execution.cache, kernel.name);
  if (!packed) return false;
  c.packed = *std::move(packed);
  c.packed.for_sums();
  for (std::int64_t o = 0; o < g.channels_out(); ++o) c.sums.push_back(static_cast<std::int32_t>(c.packed.sums[o]));
  c.sums.resize(c.sums.size() + 15);  // what is read behind
  c.run = kernel.run;
  c.finish = kernels::hybrid_f32(execution.cpu).finish;
  c.threads = execution.threads;
  c.matrix_rows = matrix_rows;
  c.parts = parts_of(c.threads, c.windows.count() * g.channels_out() / (products_worth_splitting / g.depth() + 1));
  c.chunk = rows_of_sums(g.group_out);
  const std::int64_t copied = c.windows.copied ? (c.windows.copied_elements() + read_behind + 63) / 64 * 64 : 0;
  c.sums_at = static_cast<std::size_t>(copied);
  c.sums_bytes = bytes_of_sums(std::min(c.chunk, c.windows.count()), g.group_out);
  prepared = {.run = run,
              .scratch_bytes = c.sums_at + c.sums_bytes * static_cast<std::size_t>(c.threads ? c.threads->workers() : 1),
              .prepared_bytes = c.packed.bytes() + 4 * c.sums.size(),
              .kernel = "gemm_s8",
              .instructions = kernel.name};
  prepared.data = std::move(made);
  return true;
}

}  // namespace

bool fast_conv_integer(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const ConvGeometry g = *static_cast<const ConvGeometry*>(prepared.data.get());
  if (!context.constant(1) || (context.has(2) && context.inputs[2].elements() != 1)) return false;
  std::vector<std::byte> weights;
  weights.reserve(static_cast<std::size_t>(context.inputs[1].elements()));
  for (std::int64_t o = 0; o < g.channels_out(); ++o)
    for (std::int64_t y = 0; y < g.filter[1]; ++y)
      for (std::int64_t x = 0; x < g.filter[2]; ++x)
        for (std::int64_t i = 0; i < g.group_in; ++i)
          weights.push_back(context.inputs[1].data[o / g.group_out * g.weights_group + o % g.group_out * g.weights_out +
                                                   y * g.weights_spatial[1] + x * g.weights_spatial[2] + i * g.weights_in]);
  return take_over(candidate, g, weights, g.batch * g.pixels(), prepared);
}

bool fast_matmul_integer(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  if (!context.constant(1)) return false;
  const Shape &x = context.inputs[0].shape(), &y = context.inputs[1].shape();
  const std::int64_t depth = x[x.rank() - 1], columns = y[y.rank() - 1];
  if (context.inputs[1].elements() != depth * columns || depth == 0 || columns == 0) return false;
  const std::int64_t rows = context.inputs[0].elements() / depth;
  if (context.outputs[0].elements() != rows * columns) return false;
  ConvGeometry g;
  g.group_out = columns;
  g.group_in = depth;
  g.in[2] = g.out[2] = rows;
  g.input = {0, 1, {0, 0, depth}};
  g.output = {0, 1, {0, 0, columns}};
  std::vector<std::byte> weights(static_cast<std::size_t>(depth * columns));
  for (std::int64_t k = 0; k < depth; ++k)
    for (std::int64_t n = 0; n < columns; ++n)
      weights[static_cast<std::size_t>(n * depth + k)] = context.inputs[1].data[k * columns + n];
  return take_over(candidate, g, weights, std::max<std::int64_t>(x[x.rank() - 2], 1), prepared);
}

}  // namespace qgraph::runtime
