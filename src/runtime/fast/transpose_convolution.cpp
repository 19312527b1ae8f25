// transpose_conv_2d of 8-bit operands. Output pixels that are a stride apart meet the same taps: a plain convolution of the input
// for each of stride x stride phases, by products of packed rows. The input is first copied into an image that has its border.
#include <algorithm>

#include "ops/support/transpose_conv.hpp"
#include "runtime/fast/channel_constants.hpp"
#include "runtime/fast/fast_kernel.hpp"
#include "runtime/fast/packed_rows.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t products_worth_splitting = 1 << 18;
constexpr std::int64_t most_phases = 64, most_copied = std::int64_t{1} << 28;

/// Pixels of one phase.
struct Phase {
  PackedRows packed{};
  std::vector<std::ptrdiff_t> runs{};
  std::vector<ChannelConstants> constants{};  ///< of each group
};

struct TransposeConvolution {
  kernels::GemmS8Fn run = nullptr;
  ThreadPool* threads = nullptr;
  ConvGeometry geometry{};
  std::vector<Phase> phases{};                                          ///< [y][x]
  std::int64_t top = 0, left = 0, height = 0, width = 0, channels = 0;  ///< of the copy: border before, and sizes
  std::uint8_t flip = 0, border = 0;
  int parts = 1;
};

void copy_input(const TransposeConvolution& t, const std::uint8_t* input, std::uint8_t* copy, Share lines) noexcept {
  const ConvGeometry& g = t.geometry;
  for (std::int64_t line = lines.begin; line < lines.end; ++line) {
    std::uint8_t* to = copy + line * t.width * t.channels;
    std::fill_n(to, t.width * t.channels, t.border);
    const std::int64_t y = line % t.height - t.top, n = std::min(g.in[2], t.width - t.left) * t.channels;
    if (y < 0 || y >= g.in[1]) continue;
    const std::uint8_t* from = input + line / t.height * g.input.batch + y * g.input.spatial[1];
    to += t.left * t.channels;
    for (std::int64_t i = 0; i < n; ++i) to[i] = static_cast<std::uint8_t>(from[i] ^ t.flip);
  }
}

/// One line of the output.
void run_line(const TransposeConvolution& t, const std::uint8_t* image, std::int64_t y, std::uint8_t* out) noexcept {
  const ConvGeometry& g = t.geometry;
  const std::int64_t stride_x = g.stride[2], at_y = y + g.pad[1], channels_out = g.channels_out();
  const std::uint8_t* line = image + (at_y / g.stride[1] + t.top) * t.width * t.channels + t.left * t.channels;
  for (std::int64_t first = 0; first < std::min(stride_x, g.out[2]); ++first) {
    const std::int64_t at_x = first + g.pad[2], count = (g.out[2] - first + stride_x - 1) / stride_x;
    const Phase& phase = t.phases[static_cast<std::size_t>(at_y % g.stride[1] * stride_x + at_x % stride_x)];
    const PackedRows& p = phase.packed;
    for (std::int64_t group = 0; group < g.groups; ++group) {
      const ChannelConstants& constants = phase.constants[static_cast<std::size_t>(group)];
      const kernels::GemmS8 gemm{.input = line + at_x / stride_x * t.channels + group * g.group_in,
                                 .row_stride = t.channels,
                                 .runs = phase.runs.data(),
                                 .run_count = p.run_count,
                                 .run_bytes = p.run_length,
                                 .run_quads = p.run_quads,
                                 .weights = p.weights + group * p.group_bytes(),
                                 .channels = g.group_out,
                                 .bias = constants.bias(0),
                                 .row_factor = constants.offset(0),
                                 .requantize = constants.from(0),
                                 .output = out + first * channels_out + group * g.group_out,
                                 .output_stride = stride_x * channels_out};
      t.run(gemm, count, 0, p.vectors());
    }
  }
}

void run(const KernelArgs& args) noexcept {
  const auto& t = args.prepared_as<TransposeConvolution>();
  const ConvGeometry& g = t.geometry;
  auto* copy = reinterpret_cast<std::uint8_t*>(args.scratch);
  split_work(t.threads, t.parts, [&](int part, int parts, int) noexcept {
    copy_input(t, args.in<std::uint8_t>(0), copy, share(g.batch * t.height, part, parts));
  });
  split_work(t.threads, t.parts, [&](int part, int parts, int) noexcept {
    const Share lines = share(g.batch * g.out[1], part, parts);
    for (std::int64_t line = lines.begin; line < lines.end; ++line)
      run_line(t, copy + line / g.out[1] * t.height * t.width * t.channels, line % g.out[1],
               args.out<std::uint8_t>() + line * g.out[2] * g.channels_out());
  });
}

bool flip(Prepared& prepared, int operand, bool asked) {
  if (operand > 0) return false;
  if (asked) return true;
  auto& t = prepared.own<TransposeConvolution>();
  if (operand == 0) {
    t.flip ^= 0x80;
    return true;
  }
  for (Phase& phase : t.phases)
    for (ChannelConstants& constants : phase.constants) constants.flip();
  return true;
}

bool fits(const PrepareContext& context, const TransposeConvPlan& plan) {
  const ConvGeometry& g = plan.geometry;
  const DType stored = context.inputs[0].type->storage();
  if (plan.floats || plan.hybrid || plan.wide || bits(stored) != 8 || bits(plan.weights.storage) != 8) return false;
  if (!context.constant(1) || context.constant(0)) return false;
  if (context.has(2) && (!context.constant(2) || context.inputs[2].type->storage() != DType::int32 || !plan.output.added.empty()))
    return false;
  const IntegerRange range = integer_range(stored);
  if (plan.input_scale.zero_point < range.min || plan.input_scale.zero_point > range.max) return false;
  if (std::ranges::any_of(plan.weights.zero_points, [](std::int32_t z) { return z < -128 || z > 255; })) return false;
  if (g.input.channel != 1 || g.output.channel != 1 || g.in[0] != 1 || g.filter[0] != 1 || g.out[0] != 1) return false;
  for (std::size_t k : {1U, 2U})
    if (g.stride[k] < 1 || g.stride[k] > most_phases || g.dilation[k] > (1 << 16) || g.filter[k] > (1 << 16) || g.pad[k] < 0 ||
        g.pad[k] > (1 << 16) || g.in[k] < 1 || g.in[k] > (1 << 24) || g.out[k] > (1 << 24))
      return false;
  return g.stride[1] * g.stride[2] <= most_phases && context.outputs[0].elements() > 0 && g.group_in > 0;
}

/// How far back in the input the taps reach that pixels of this phase meet, and which taps these are.
struct Reach {
  std::int64_t tap = 0, back = 0;
};
std::vector<Reach> reaches(const ConvGeometry& g, std::size_t k, std::int64_t phase) {
  std::vector<Reach> all;
  for (std::int64_t tap = g.filter[k] - 1; tap >= 0; --tap)  // from the farthest on, as the input lies
    if (tap * g.dilation[k] % g.stride[k] == phase) all.push_back({tap, tap * g.dilation[k] / g.stride[k]});
  return all;
}

bool make_phase(const Candidate& candidate, const TransposeConvPlan& plan, const TransposeConvolution& t, std::int64_t phase_y,
                std::int64_t phase_x, const char* row, Phase& phase) {
  const PrepareContext& context = candidate.context;
  const ConvGeometry& g = plan.geometry;
  const auto rows = reaches(g, 1, phase_y), columns = reaches(g, 2, phase_x);
  const bool joined = g.groups == 1 && (g.dilation[2] == 1 || columns.size() == 1) && !columns.empty();
  const auto joined_taps = static_cast<std::int64_t>(joined ? columns.size() : 1);
  for (const Reach& y : rows)
    for (std::size_t x = 0; x < (joined ? 1 : columns.size()); ++x)
      phase.runs.push_back(-y.back * t.width * t.channels - columns[x].back * t.channels);
  // From [group][tap][input][output] to [group][output][tap][input].
  const auto* stored = plan.weights.of(context.inputs[1], g, nullptr);
  std::vector<std::byte> weights;
  for (std::int64_t group = 0; group < g.groups; ++group)
    for (std::int64_t o = 0; o < g.group_out; ++o)
      for (const Reach& y : rows)
        for (const Reach& x : columns)
          for (std::int64_t i = 0; i < g.group_in; ++i)
            weights.push_back(stored[((group * g.taps() + y.tap * g.filter[2] + x.tap) * g.group_in + i) * g.group_out + o]);
  auto packed = PackedRows::pack({.rows = weights.data(),
                                  .storage = plan.weights.storage,
                                  .zero_points = plan.weights.zero_points,
                                  .groups = g.groups,
                                  .group_out = g.group_out,
                                  .run_length = joined_taps * g.group_in,
                                  .run_count = static_cast<std::int64_t>(phase.runs.size())},
                                 candidate.execution.cache, row);
  if (!packed) return false;
  phase.packed = *std::move(packed);
  const std::int32_t* bias = context.has(2) ? context.inputs[2].as<std::int32_t>() : nullptr;
  const auto zero_point = static_cast<std::uint32_t>(plan.input_scale.zero_point + (t.flip != 0 ? 128 : 0));
  for (std::int64_t group = 0; group < g.groups; ++group) {
    ChannelConstants& constants = phase.constants.emplace_back();
    if (!constants.make(of_group(plan.output, group, g.group_out), [](std::int64_t channel) { return channel; })) return false;
    for (std::int64_t c = 0; c < g.group_out; ++c) {
      const std::int64_t o = group * g.group_out + c;
      const auto begin = static_cast<std::uint32_t>(bias ? bias[o] : 0) - zero_point * phase.packed.sums[o];
      constants.set_sums(c, static_cast<std::int32_t>(begin), phase.packed.offsets[o]);
    }
  }
  return true;
}

}  // namespace

bool fast_transpose_convolution(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const auto& plan = *static_cast<const TransposeConvPlan*>(prepared.data.get());
  if (!fits(context, plan)) return false;
  auto made = std::make_shared<TransposeConvolution>();
  TransposeConvolution& t = *made;
  const ConvGeometry& g = t.geometry = plan.geometry;
  t.channels = g.groups * g.group_in;
  const auto farthest = [&g](std::size_t k) { return (g.filter[k] - 1) * g.dilation[k] / g.stride[k]; };
  const auto pixels = [&g](std::size_t k) { return std::max(g.in[k], (g.out[k] - 1 + g.pad[k]) / g.stride[k] + 1); };
  t.top = farthest(1);
  t.left = farthest(2);
  t.height = t.top + pixels(1);
  t.width = t.left + pixels(2);
  const double copied = static_cast<double>(g.batch) * static_cast<double>(t.height) * static_cast<double>(t.width) *
                        static_cast<double>(t.channels);
  if (copied > static_cast<double>(most_copied) || copied > 8.0 * static_cast<double>(context.inputs[0].elements()) + (1 << 20))
    return false;
  t.flip = context.inputs[0].type->storage() == DType::int8 ? 0x80 : 0;
  t.border = static_cast<std::uint8_t>(static_cast<std::uint8_t>(plan.input_scale.zero_point) ^ t.flip);
  const kernels::GemmS8Kernel& kernel = kernels::gemm_s8(candidate.execution.cpu);
  std::size_t bytes = 0;
  for (std::int64_t y = 0; y < g.stride[1]; ++y)
    for (std::int64_t x = 0; x < g.stride[2]; ++x) {
      Phase& phase = t.phases.emplace_back();
      if (!make_phase(candidate, plan, t, y, x, kernel.name, phase)) return false;
      bytes += phase.packed.bytes();
      for (const ChannelConstants& constants : phase.constants) bytes += constants.bytes();
    }
  t.run = kernel.run;
  t.threads = candidate.execution.threads;
  t.parts = parts_of(
      t.threads, context.outputs[0].elements() * g.group_in * g.taps() / (g.stride[1] * g.stride[2]) / products_worth_splitting);
  constexpr std::size_t read_behind = 64;
  prepared = {.run = run,
              .scratch_bytes = static_cast<std::size_t>(g.batch * t.height * t.width * t.channels) + read_behind,
              .prepared_bytes = bytes,
              .kernel = "gemm_s8",
              .instructions = kernel.name,
              .flip = t.flip != 0 ? flip : nullptr};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
