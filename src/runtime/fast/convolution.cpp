// conv_2d and fully_connected of 8-bit operands by products of packed rows. Where the border is padded, or inputs are signed, the
// input is first copied into an image that has its border and unsigned bytes; rows then are offsets into it.
#include <algorithm>
#include <cstring>

#include "kernels/gemm_s8/gemm_s8.hpp"
#include "ops/support/conv_plan.hpp"
#include "ops/support/unpack_sub_byte.hpp"
#include "runtime/fast/channel_constants.hpp"
#include "runtime/fast/fast_kernel.hpp"
#include "runtime/fast/window_rows.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t vector = 16;  ///< channels
/// Products that are worth a part of their own: smaller ones are done before a thread has taken them.
constexpr std::int64_t products_worth_splitting = 1 << 18;

struct Convolution {
  kernels::GemmS8Fn run = nullptr;
  ThreadPool* threads = nullptr;
  PackedBytes packed{};
  const std::int8_t* weights = nullptr;       ///< the first of what is packed
  std::vector<ChannelConstants> constants{};  ///< of each group
  WindowRows windows{};
  ConvGeometry geometry{};
  std::int64_t run_quads = 0;
  std::int64_t groups = 1, group_in = 0, group_out = 0;
  int parts = 1;
  std::uint8_t flip = 0, border = 0;  ///< of copied input

  std::int64_t group_bytes() const noexcept {
    return windows.run_count() * run_quads * 4 * ((group_out + vector - 1) / vector * vector);
  }
};

/// Bytes with the sign bit flipped.
void copy_flipped(const std::uint8_t* from, std::int64_t n, std::uint8_t flip, std::uint8_t* to) noexcept {
  for (std::int64_t i = 0; i < n; ++i) to[i] = static_cast<std::uint8_t>(from[i] ^ flip);
}

void multiply_rows(const Convolution& c, const std::uint8_t* input, std::uint8_t* output, int part, int parts) noexcept {
  const WindowRows& w = c.windows;
  const std::int64_t channels = c.groups * c.group_out, vectors = (c.group_out + vector - 1) / vector;
  const ProductPart mine = part_of_product(w.count(), c.group_out, vectors, part, parts);
  if (mine.vectors.begin == mine.vectors.end) return;
  for (std::int64_t group = 0; group < c.groups; ++group) {
    const ChannelConstants& constants = c.constants[static_cast<std::size_t>(group)];
    kernels::GemmS8 gemm{.row_stride = w.row_stride,
                         .runs = w.runs.data(),
                         .run_count = w.run_count(),
                         .run_bytes = w.run_length,
                         .run_quads = c.run_quads,
                         .weights = c.weights + group * c.group_bytes(),
                         .channels = c.group_out,
                         .bias = constants.bias(0),
                         .row_factor = constants.offset(0),
                         .requantize = constants.from(0),
                         .output_stride = channels};
    w.each_stretch(mine.rows, [&](std::ptrdiff_t at, std::int64_t row, std::int64_t count) noexcept {
      gemm.input = input + at + group * c.group_in;
      gemm.output = output + row * channels + group * c.group_out;
      c.run(gemm, count, mine.vectors.begin, mine.vectors.end);
    });
  }
}

void run(const KernelArgs& args) noexcept {
  const auto& c = args.prepared_as<Convolution>();
  const std::uint8_t* input = args.in<std::uint8_t>(0);
  if (const WindowRows& w = c.windows; w.copied) {
    auto* copy = reinterpret_cast<std::uint8_t*>(args.scratch);
    split_work(c.threads, c.parts, [&](int part, int parts, int) noexcept {
      w.copy_lines(input, copy, share(w.images * w.height, part, parts), c.border,
                   [&](const std::uint8_t* from, std::int64_t n, std::uint8_t* to) { copy_flipped(from, n, c.flip, to); });
    });
    input = copy;
  }
  split_work(c.threads, c.parts,
             [&](int part, int parts, int) noexcept { multiply_rows(c, input, args.out<std::uint8_t>(), part, parts); });
}

bool byte_storage(DType dtype) { return dtype == DType::int8 || dtype == DType::uint8; }

/// Is it one that the kernels can do? Everything else is the reference kernel's.
bool fits(const PrepareContext& context, const ConvPlan& plan) {
  const ConvGeometry& g = plan.geometry;
  const TensorType& input = *context.inputs[0].type;
  const DType stored = input.storage();
  if (plan.floats || plan.hybrid || plan.block > 0 || !byte_storage(stored) || bits(plan.weights.storage) != 8) return false;
  if (!context.constant(1) || context.constant(0)) return false;
  if (context.has(2) && plan.output.added.empty() && (!context.constant(2) || context.inputs[2].type->storage() != DType::int32))
    return false;
  const IntegerRange range = integer_range(stored);
  if (plan.input_scale.zero_point < range.min || plan.input_scale.zero_point > range.max) return false;
  if (std::ranges::any_of(plan.weights.zero_points, [](std::int32_t z) { return z < -128 || z > 255; })) return false;
  if (g.input.channel != 1 || g.output.channel != 1 || g.in[0] != 1 || g.filter[0] != 1 || g.out[0] != 1) return false;
  return context.outputs[0].elements() > 0 && g.depth() > 0;
}

/// The common case, and the one to be quick: signed weights as they are. Returns their sum.
std::uint32_t pack_signed(const Convolution& c, const std::int8_t* row, std::int64_t depth, std::int8_t* to) {
  std::uint32_t sum = 0;  // only its lower half counts: sums wrap
  for (std::int64_t i = 0; i < depth; ++i) sum += static_cast<std::uint32_t>(row[i]);
  for (std::size_t run = 0; run < c.windows.runs.size(); ++run) {
    for (std::int64_t i = 0; i + 4 <= c.windows.run_length; i += 4, to += 64) std::memcpy(to, row + i, 4);
    if (c.windows.run_length % 4 != 0) {
      std::memcpy(to, row + c.windows.run_length / 4 * 4, static_cast<std::size_t>(c.windows.run_length % 4));
      to += 64;
    }
    row += c.windows.run_length;
  }
  return sum;
}

/// The number of the layout of what is packed: to be raised whenever that changes.
constexpr int layout = 1;

/// Weights as [group][vector][run][quad][channel][4], then of each channel their sum and what is taken off them. False: too far
/// apart.
bool pack_rows(const ConvPlan& plan, const std::byte* rows, const Convolution& c, std::int8_t* weights, std::uint32_t* sums,
               std::int32_t* offsets) {
  const std::int64_t depth = plan.geometry.depth(), run_count = c.windows.run_count();
  const bool is_unsigned = plan.weights.storage == DType::uint8;
  for (std::int64_t o = 0; o < c.groups * c.group_out; ++o) {
    const std::int64_t group = o / c.group_out, channel = o % c.group_out;
    const std::int32_t taken = plan.weights.zero_points.empty() ? 0 : plan.weights.zero_point(o);
    const auto* row = reinterpret_cast<const std::uint8_t*>(rows) + o * depth;
    const auto weight = [&](std::int64_t i) {
      return (is_unsigned ? std::int32_t{row[i]} : std::int32_t{static_cast<std::int8_t>(row[i])}) - taken;
    };
    std::int8_t* to = weights + group * c.group_bytes() + channel / vector * run_count * c.run_quads * 64 + channel % vector * 4;
    if (!is_unsigned && taken == 0) {
      sums[o] = pack_signed(c, reinterpret_cast<const std::int8_t*>(row), depth, to);
      continue;
    }
    std::int32_t least = 0, most = 0;
    std::int64_t sum = 0;
    for (std::int64_t i = 0; i < depth; ++i) {
      const std::int32_t w = weight(i);
      least = std::min(least, w);
      most = std::max(most, w);
      sum += w;
    }
    if (most - least > 255) return false;
    const std::int32_t offset = byte_offset(least, most);
    sums[o] = static_cast<std::uint32_t>(sum);
    offsets[o] = offset;
    for (std::int64_t run = 0; run < run_count; ++run)
      for (std::int64_t i = 0; i < c.windows.run_length; ++i)
        to[(run * c.run_quads + i / 4) * 64 + i % 4] = static_cast<std::int8_t>(weight(run * c.windows.run_length + i) - offset);
  }
  return true;
}

/// Packs, or takes what was packed before; and what sums of each channel begin with. False: weights too far apart.
bool pack(const PrepareContext& context, const ConvPlan& plan, PackedCache* cache, const char* row, Convolution& c) {
  const std::byte* rows = plan.weights.of(context.inputs[1], plan.geometry, nullptr);
  const std::int64_t depth = plan.geometry.depth(), channels = c.groups * c.group_out, weight_bytes = c.groups * c.group_bytes();
  PackedKey key("gemm_s8", row, layout);
  if (cache) {
    for (std::int64_t number : {c.groups, c.group_out, depth, c.windows.run_length, c.windows.run_count(),
                                static_cast<std::int64_t>(plan.weights.storage)})
      key.add(number);
    key.add_array(rows, static_cast<std::size_t>(channels * depth));
    key.add_array(plan.weights.zero_points.data(), plan.weights.zero_points.size());
  }
  auto packed = packed_bytes(cache, key, static_cast<std::size_t>(weight_bytes + channels * 8), [&](std::byte* to) {
    auto* sums = reinterpret_cast<std::uint32_t*>(to + weight_bytes);
    return pack_rows(plan, rows, c, reinterpret_cast<std::int8_t*>(to), sums, reinterpret_cast<std::int32_t*>(sums + channels));
  });
  if (!packed) return false;
  c.packed = *std::move(packed);
  c.weights = reinterpret_cast<const std::int8_t*>(c.packed.bytes.data());
  const auto* sums = reinterpret_cast<const std::uint32_t*>(c.weights + weight_bytes);
  const auto* offsets = reinterpret_cast<const std::int32_t*>(sums + channels);
  const std::int32_t* bias = context.has(2) && plan.output.added.empty() ? context.inputs[2].as<std::int32_t>() : nullptr;
  const std::int32_t zero_point = plan.input_scale.zero_point + (context.inputs[0].type->storage() == DType::int8 ? 128 : 0);
  for (std::int64_t o = 0; o < channels; ++o) {
    const auto first = static_cast<std::uint32_t>(bias ? bias[o] : 0) - static_cast<std::uint32_t>(zero_point) * sums[o];
    c.constants[static_cast<std::size_t>(o / c.group_out)].set_sums(o % c.group_out, static_cast<std::int32_t>(first),
                                                                    offsets[o]);
  }
  return true;
}

/// The part of an output stage that is about one group.
AccumulatorOutput of_group(const AccumulatorOutput& stage, std::int64_t group, std::int64_t channels) {
  AccumulatorOutput part = stage;
  part.channels = channels;
  const auto cut = [&](auto& list) {
    if (list.size() > 1) list = {list.begin() + group * channels, list.begin() + (group + 1) * channels};
  };
  cut(part.fixed);
  cut(part.factors);
  if (!stage.added.empty()) part.added = {stage.added.begin() + group * channels, stage.added.begin() + (group + 1) * channels};
  return part;
}

std::size_t scratch_of(const Convolution& c) {
  constexpr std::int64_t read_behind = 64;
  return c.windows.copied ? static_cast<std::size_t>(c.windows.copied_elements() + read_behind) : 0;
}

/// Unsigned bytes need no copy but for their border.
bool flip(Prepared& prepared, int operand, bool asked) {
  if (operand > 0) return false;
  if (asked) return true;
  auto& c = prepared.own<Convolution>();
  if (operand < 0) {
    for (ChannelConstants& constants : c.constants) constants.flip();
    return true;
  }
  c.flip ^= 0x80;
  WindowRows windows;
  if (!windows.plan(c.geometry, c.flip != 0)) return false;
  c.windows = std::move(windows);
  prepared.scratch_bytes = scratch_of(c);
  return true;
}

}  // namespace

bool fast_convolution(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const Execution& execution = candidate.execution;
  const auto& plan = *static_cast<const ConvPlan*>(prepared.data.get());
  if (!fits(context, plan)) return false;
  auto made = std::make_shared<Convolution>();
  Convolution& c = *made;
  const bool is_signed = context.inputs[0].type->storage() == DType::int8;
  c.flip = is_signed ? 0x80 : 0;
  c.border = static_cast<std::uint8_t>(static_cast<std::uint8_t>(plan.input_scale.zero_point) ^ c.flip);
  c.geometry = plan.geometry;
  if (!c.windows.plan(plan.geometry, is_signed)) return false;
  c.run_quads = (c.windows.run_length + 3) / 4;
  c.groups = plan.geometry.groups;
  c.group_in = plan.geometry.group_in;
  c.group_out = plan.geometry.group_out;
  std::size_t bytes = 0;
  for (std::int64_t group = 0; group < c.groups; ++group) {
    ChannelConstants& constants = c.constants.emplace_back();
    if (!constants.make(of_group(plan.output, group, c.group_out), [](std::int64_t channel) { return channel; })) return false;
    bytes += constants.bytes();
  }
  const kernels::GemmS8Kernel& kernel = kernels::gemm_s8(execution.cpu);
  if (!pack(context, plan, execution.cache, kernel.name, c)) return false;
  c.run = kernel.run;
  c.threads = execution.threads;
  c.parts = parts_of(c.threads,
                     c.windows.count() * plan.geometry.channels_out() / (products_worth_splitting / plan.geometry.depth() + 1));
  prepared = {.run = run,
              .scratch_bytes = scratch_of(c),
              .prepared_bytes = c.packed.bytes.size() + bytes,
              .kernel = "gemm_s8",
              .instructions = kernel.name,
              .flip = is_signed ? flip : nullptr};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
