// fully_connected of reals with weights that have a scale for each block of their depth: rows become bytes on the fly; the
// products of each block are summed apart, as a group of their own, and their sums times the block's scales are added in order.
#include <algorithm>

#include "ops/support/conv_plan.hpp"
#include "ops/support/unpack_sub_byte.hpp"
#include "runtime/fast/fast_kernel.hpp"
#include "runtime/fast/hybrid_rows.hpp"
#include "runtime/fast/packed_rows.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t products_worth_splitting = 1 << 17;
constexpr std::int64_t read_behind = 64, rows_at_once = 32;
constexpr std::int64_t most_block = 1 << 14;  ///< elements whose products fit 32 bits

struct Blockwise {
  kernels::GemmS8Fn run = nullptr;
  ThreadPool* threads = nullptr;
  HybridRows quantize{};
  PackedRows packed{};  ///< a group for each block
  WindowRows windows{};
  std::vector<float> scales{};        ///< [block][channel]
  std::vector<std::int32_t> begin{};  ///< -128 times the sum of weights, [block][channel padded to vectors]
  std::vector<float> weight_sums{};   ///< times scales, of all blocks
  std::vector<float> bias{};
  std::int64_t rows = 0, depth = 0, block = 0, channels = 0;
  float low = 0, high = 0;
  int parts = 1;
  std::size_t steps_at = 0, sums_at = 0, sums_bytes = 0;

  std::int64_t padded_depth() const noexcept { return packed.groups * block; }
};

void quantize_rows(const Blockwise& b, const KernelArgs& args, HybridStep* steps) noexcept {
  auto* copy = reinterpret_cast<std::uint8_t*>(args.scratch);
  split_work(b.threads, b.parts, [&](int part, int parts, int) noexcept {
    const Share mine = share(b.rows, part, parts);
    for (std::int64_t row = mine.begin; row < mine.end; ++row) {
      const float* values = args.in<float>(0) + row * b.depth;
      std::uint8_t* to = copy + row * b.padded_depth();
      steps[row] = b.quantize.step(values, b.depth);
      b.quantize.store(steps[row], values, b.depth, 0, b.depth, to);
      std::fill(to + b.depth, to + b.padded_depth(), std::uint8_t{0});
    }
  });
}

void multiply_rows(const Blockwise& b, const KernelArgs& args, const HybridStep* steps, int part, int parts,
                   int worker) noexcept {
  const PackedRows& p = b.packed;
  const ProductPart mine = part_of_product(b.rows, b.channels, p.vectors(), part, parts);
  const std::int64_t first = mine.vectors.begin * vector_channels,
                     count = std::min(mine.vectors.end * vector_channels, b.channels) - first;
  if (count <= 0) return;
  auto* sums = reinterpret_cast<std::int32_t*>(args.scratch + b.sums_at + static_cast<std::size_t>(worker) * b.sums_bytes);
  const kernels::HybridF32Kernel& kernel = *b.quantize.kernel;
  for (std::int64_t row = mine.rows.begin; row < mine.rows.end; row += rows_at_once) {
    const std::int64_t n = std::min(rows_at_once, mine.rows.end - row);
    float* out = args.out<float>() + row * b.channels + first;
    for (std::int64_t r = 0; r < n; ++r) std::fill_n(out + r * b.channels, count, 0.0F);
    for (std::int64_t block = 0; block < p.groups; ++block) {
      kernels::GemmS8 gemm = p.sums_of(block, b.windows);
      gemm.bias = b.begin.data() + block * p.vectors() * vector_channels;
      gemm.input = reinterpret_cast<const std::uint8_t*>(args.scratch) + row * b.padded_depth() + block * b.block;
      gemm.output = reinterpret_cast<std::uint8_t*>(sums);
      b.run(gemm, n, mine.vectors.begin, mine.vectors.end);
      for (std::int64_t r = 0; r < n; ++r)
        kernel.finish({.sums = sums + r * b.channels + first,
                       .scales = b.scales.data() + block * b.channels + first,
                       .adds = true,
                       .out = out + r * b.channels},
                      count);
    }
    for (std::int64_t r = 0; r < n; ++r) {
      const HybridScale scale = steps[row + r].scale;
      kernel.settle({.weight_sums = b.weight_sums.data() + first,
                     .bias = b.bias.empty() ? nullptr : b.bias.data() + first,
                     .zero_point = static_cast<float>(scale.zero_point),
                     .scale = scale.scale,
                     .low = b.low,
                     .high = b.high},
                    count, out + r * b.channels);
    }
  }
}

void run(const KernelArgs& args) noexcept {
  const auto& b = args.prepared_as<Blockwise>();
  auto* steps = reinterpret_cast<HybridStep*>(args.scratch + b.steps_at);
  quantize_rows(b, args, steps);
  split_work(b.threads, b.parts,
             [&](int part, int parts, int worker) noexcept { multiply_rows(b, args, steps, part, parts, worker); });
}

bool fits(const PrepareContext& context, const ConvPlan& plan) {
  const ConvGeometry& g = plan.geometry;
  if (!plan.hybrid || plan.block <= 0 || plan.block > most_block || !plan.asymmetric || !context.constant(1)) return false;
  if (context.constant(0) || context.outputs[0].elements() == 0 || g.depth() == 0 || bits(plan.weights.storage) != 8)
    return false;
  if (plan.output.activation == Activation::tanh || plan.output.activation == Activation::sign_bit) return false;
  if (context.has(2) && (!context.constant(2) || context.inputs[2].type->dtype() != DType::float32)) return false;
  return g.taps() == 1 && g.batch == 1 && g.groups == 1 && g.in[1] == 1 && g.input.channel == 1 && g.output.channel == 1 &&
         plan.scale_elements == g.depth();
}

/// As signed bytes [block][channel][block's depth], zero points taken off; what is behind the depth is 0. Empty: they do not fit.
std::vector<std::byte> blocks_of(const ConvPlan& plan, const std::byte* weights, const Blockwise& b, std::int64_t blocks) {
  std::vector<std::byte> all(static_cast<std::size_t>(blocks * b.channels * b.block));
  for (std::int64_t block = 0; block < blocks; ++block)
    for (std::int64_t o = 0; o < b.channels; ++o) {
      const auto& zeros = plan.block_zero_points;
      const std::int64_t zero = zeros.empty() ? 0 : zeros[zeros.size() == 1 ? 0 : static_cast<std::size_t>(o * blocks + block)];
      for (std::int64_t i = 0; i < std::min(b.block, b.depth - block * b.block); ++i) {
        const std::int64_t value = integer_at(weights, plan.weights.storage, o * b.depth + block * b.block + i) - zero;
        if (value < -128 || value > 127) return {};
        all[static_cast<std::size_t>((block * b.channels + o) * b.block + i)] = static_cast<std::byte>(value);
      }
    }
  return all;
}

}  // namespace

bool fast_blockwise(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const Execution& execution = candidate.execution;
  const auto& plan = *static_cast<const ConvPlan*>(prepared.data.get());
  if (!fits(context, plan)) return false;
  auto made = std::make_shared<Blockwise>();
  Blockwise& b = *made;
  b.rows = plan.geometry.pixels();
  b.depth = plan.geometry.depth();
  b.block = plan.block;
  b.channels = plan.geometry.group_out;
  const std::int64_t blocks = (b.depth + b.block - 1) / b.block;
  const auto weights = blocks_of(plan, plan.weights.of(context.inputs[1], plan.geometry, nullptr), b, blocks);
  if (weights.empty()) return false;
  const kernels::GemmS8Kernel& kernel = kernels::gemm_s8(execution.cpu);
  auto packed = PackedRows::pack({.rows = weights.data(), .groups = blocks, .group_out = b.channels, .run_length = b.block},
                                 execution.cache, kernel.name);
  if (!packed) return false;
  b.packed = *std::move(packed);
  b.packed.for_sums();
  b.windows.runs = {0};
  b.windows.row_stride = b.padded_depth();
  b.weight_sums.assign(static_cast<std::size_t>(b.channels), 0.0F);
  b.begin.assign(static_cast<std::size_t>(blocks * b.packed.vectors() * vector_channels), 0);
  for (std::int64_t block = 0; block < blocks; ++block)
    for (std::int64_t o = 0; o < b.channels; ++o) {
      const float scale = plan.block_scales[static_cast<std::size_t>(o * blocks + block)];
      const auto sum = static_cast<std::int32_t>(b.packed.sums[block * b.channels + o]);
      b.scales.push_back(scale);
      b.begin[static_cast<std::size_t>(block * b.packed.vectors() * vector_channels + o)] = -128 * sum;
      b.weight_sums[static_cast<std::size_t>(o)] += scale * static_cast<float>(sum);
    }
  if (context.has(2)) b.bias.assign(context.inputs[2].as<float>(), context.inputs[2].as<float>() + b.channels);
  for (auto* list : {&b.scales, &b.weight_sums, &b.bias}) list->resize(list->empty() ? 0 : list->size() + 15);  // read behind
  b.low = plan.output.float_low;
  b.high = plan.output.float_high;
  b.run = kernel.run;
  b.quantize = {&kernels::hybrid_f32(execution.cpu), true};
  b.threads = execution.threads;
  b.parts = parts_of(b.threads, b.rows * b.channels / (products_worth_splitting / b.depth + 1));
  b.steps_at = static_cast<std::size_t>((b.rows * b.padded_depth() + read_behind + 63) / 64 * 64);
  b.sums_at = b.steps_at + (static_cast<std::size_t>(b.rows) * sizeof(HybridStep) + 63) / 64 * 64;
  b.sums_bytes = static_cast<std::size_t>((std::min(rows_at_once, b.rows) * b.channels * 4 + 127) / 64 * 64);
  prepared = {.run = run,
              .scratch_bytes = b.sums_at + b.sums_bytes * static_cast<std::size_t>(b.threads ? b.threads->workers() : 1),
              .prepared_bytes = b.packed.bytes() + 4 * (b.scales.size() + b.begin.size() + b.weight_sums.size() + b.bias.size()),
              .kernel = "gemm_s8",
              .instructions = kernel.name};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
