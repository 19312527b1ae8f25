// conv_2d and fully_connected of 8-bit operands by products of packed rows. Where the border is padded, or inputs are signed, the
// input is first copied into an image that has its border and unsigned bytes; rows then are offsets into it.
#include <algorithm>

#include "ops/support/conv_plan.hpp"
#include "runtime/fast/channel_constants.hpp"
#include "runtime/fast/fast_kernel.hpp"
#include "runtime/fast/packed_rows.hpp"
#include "runtime/fast/window_rows.hpp"

namespace qgraph::runtime {
namespace {

/// Products that are worth a part of their own: smaller ones are done before a thread has taken them.
constexpr std::int64_t products_worth_splitting = 1 << 18;

struct Convolution {
  kernels::GemmS8Fn run = nullptr;
  ThreadPool* threads = nullptr;
  PackedRows packed{};
  std::vector<ChannelConstants> constants{};  ///< of each group
  WindowRows windows{};
  ConvGeometry geometry{};
  std::int64_t group_in = 0;
  int parts = 1;
  std::uint8_t flip = 0, border = 0;  ///< of copied input
};

/// Bytes with the sign bit flipped.
void copy_flipped(const std::uint8_t* from, std::int64_t n, std::uint8_t flip, std::uint8_t* to) noexcept {
  for (std::int64_t i = 0; i < n; ++i) to[i] = static_cast<std::uint8_t>(from[i] ^ flip);
}

void multiply_rows(const Convolution& c, const std::uint8_t* input, std::uint8_t* output, int part, int parts) noexcept {
  const WindowRows& w = c.windows;
  const PackedRows& p = c.packed;
  const std::int64_t channels = p.groups * p.group_out;
  const ProductPart mine = part_of_product(w.count(), p.group_out, p.vectors(), part, parts);
  if (mine.vectors.begin == mine.vectors.end) return;
  for (std::int64_t group = 0; group < p.groups; ++group) {
    const ChannelConstants& constants = c.constants[static_cast<std::size_t>(group)];
    kernels::GemmS8 gemm = p.sums_of(group, w);
    gemm.bias = constants.bias(0);
    gemm.row_factor = constants.offset(0);
    gemm.requantize = constants.from(0);
    gemm.output_stride = channels;
    w.each_stretch(mine.rows, [&](std::ptrdiff_t at, std::int64_t row, std::int64_t count) noexcept {
      gemm.input = input + at + group * c.group_in;
      gemm.output = output + row * channels + group * p.group_out;
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
  const TensorType& input = *context.inputs[0].type;
  const DType stored = input.storage();
  if (plan.floats || plan.hybrid || !byte_storage(stored) || !fits_packed_rows(plan)) return false;
  if (!context.constant(1) || context.constant(0)) return false;
  if (context.has(2) && plan.output.added.empty() && (!context.constant(2) || context.inputs[2].type->storage() != DType::int32))
    return false;
  const IntegerRange range = integer_range(stored);
  if (plan.input_scale.zero_point < range.min || plan.input_scale.zero_point > range.max) return false;
  return context.outputs[0].elements() > 0;
}

/// What sums of each channel begin with. False: weights too far apart.
bool pack(const PrepareContext& context, const ConvPlan& plan, PackedCache* cache, const char* row, Convolution& c) {
  auto packed = PackedRows::pack(row_weights(plan, context.inputs[1], c.windows), cache, row);
  if (!packed) return false;
  c.packed = *std::move(packed);
  const std::int32_t* bias = context.has(2) && plan.output.added.empty() ? context.inputs[2].as<std::int32_t>() : nullptr;
  const std::int32_t zero_point = plan.input_scale.zero_point + (context.inputs[0].type->storage() == DType::int8 ? 128 : 0);
  for (std::int64_t o = 0; o < plan.geometry.channels_out(); ++o) {
    const auto first = static_cast<std::uint32_t>(bias ? bias[o] : 0) - static_cast<std::uint32_t>(zero_point) * c.packed.sums[o];
    c.constants[static_cast<std::size_t>(o / c.packed.group_out)].set_sums(o % c.packed.group_out,
                                                                           static_cast<std::int32_t>(first), c.packed.offsets[o]);
  }
  return true;
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
  c.group_in = plan.geometry.group_in;
  std::size_t bytes = 0;
  for (std::int64_t group = 0; group < plan.geometry.groups; ++group) {
    ChannelConstants& constants = c.constants.emplace_back();
    if (!constants.make(of_group(plan.output, group, plan.geometry.group_out), [](std::int64_t channel) { return channel; }))
      return false;
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
              .prepared_bytes = c.packed.packed.bytes.size() + bytes,
              .kernel = "gemm_s8",
              .instructions = kernel.name,
              .flip = is_signed ? flip : nullptr};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
