// conv_integer whose outputs see one input channel each: sums of the kernels for depthwise convolutions. The input's zero point,
// which may be known at run time only, is the border, and times the sums of the weights is taken off afterwards. Channels that
// come first are brought together before, and taken apart behind.
#include <algorithm>
#include <cstring>

#include "kernels/hybrid_f32/hybrid_f32.hpp"
#include "ops/support/unpack_sub_byte.hpp"
#include "runtime/fast/depthwise_layer.hpp"

namespace qgraph::runtime {
namespace {

constexpr std::int64_t read_behind = 64;

struct IntegerDepthwise {
  Depthwise layer{};
  ConvGeometry stored{};  ///< of the operands as they are
  kernels::FinishF32Fn finish = nullptr;
  std::vector<std::int32_t> sums{};  ///< of weights
  bool copied = false;
  std::size_t border_at = 0, lines_at = 0, line_bytes = 0;
};

void copy_input(const IntegerDepthwise& w, const std::uint8_t* input, std::uint8_t* copy) noexcept {
  const ConvGeometry &from = w.stored, &to = w.layer.geometry;
  split_work(w.layer.threads, w.layer.parts, [&](int part, int parts, int) noexcept {
    const Share lines = share(from.batch * from.in[1], part, parts);
    for (std::int64_t line = lines.begin; line < lines.end; ++line) {
      const std::int64_t image = line / from.in[1], y = line % from.in[1];
      const std::uint8_t* row = input + image * from.input.batch + y * from.input.spatial[1];
      std::uint8_t* out = copy + image * to.input.batch + y * to.input.spatial[1];
      for (std::int64_t c = 0; c < w.layer.channels; ++c)
        for (std::int64_t x = 0; x < from.in[2]; ++x)
          out[x * w.layer.channels + c] = row[c * from.input.channel + x * from.input.spatial[2]];
    }
  });
}

void run(const KernelArgs& args) noexcept {
  const auto& w = args.prepared_as<IntegerDepthwise>();
  const Depthwise& d = w.layer;
  const ConvGeometry &g = d.geometry, &to = w.stored;
  const std::int32_t zero =
      args.has(2) ? static_cast<std::int32_t>(integer_at(args.inputs[2].data, args.inputs[2].type->storage(), 0)) : 0;
  const std::uint8_t* input = args.in<std::uint8_t>(0);
  if (w.copied) {
    auto* copy = reinterpret_cast<std::uint8_t*>(args.scratch);
    copy_input(w, input, copy);
    input = copy;
  }
  auto* border = reinterpret_cast<std::uint8_t*>(args.scratch + w.border_at);
  std::memset(border, zero, static_cast<std::size_t>(d.border_bytes));
  const std::int32_t taken = zero + (d.layer.input_flip != 0 ? 128 : 0);
  split_work(d.threads, d.parts, [&](int part, int parts, int worker) noexcept {
    std::byte* own = args.scratch + w.lines_at + static_cast<std::size_t>(worker) * (w.line_bytes + d.pointer_bytes);
    auto* sums = reinterpret_cast<std::int32_t*>(own);
    auto* pointers = reinterpret_cast<const std::uint8_t**>(own + w.line_bytes);
    const Share lines = share(g.batch * g.out[1], part, parts);
    for (std::int64_t line = lines.begin; line < lines.end; ++line) {
      const std::int64_t image = line / g.out[1], y = line % g.out[1];
      run_line(d, input + image * g.input.batch, border, y, reinterpret_cast<std::uint8_t*>(own), pointers);
      std::int32_t* out = args.out<std::int32_t>() + image * to.output.batch + y * to.output.spatial[1];
      for (std::int64_t x = 0; x < g.out[2]; ++x) {
        std::int32_t* pixel = sums + x * d.channels;
        w.finish({.sums = pixel,
                  .weight_sums = w.sums.data(),
                  .taken = taken,
                  .integers = to.output.channel == 1 ? out + x * to.output.spatial[2] : pixel},
                 d.channels);
      }
      if (to.output.channel == 1) continue;
      for (std::int64_t c = 0; c < d.channels; ++c)
        for (std::int64_t x = 0; x < g.out[2]; ++x)
          out[c * to.output.channel + x * to.output.spatial[2]] = sums[x * d.channels + c];
    }
  });
}

/// [tap][channel], zero points taken off.
std::vector<std::byte> weights_of(const PrepareContext& context, const ConvGeometry& g) {
  const View &w = context.inputs[1], zeros = context.has(3) ? context.inputs[3] : View{};
  std::vector<std::byte> all(static_cast<std::size_t>(g.groups * g.taps()) * sizeof(std::int16_t));
  auto* to = reinterpret_cast<std::int16_t*>(all.data());
  for (std::int64_t tap = 0; tap < g.taps(); ++tap)
    for (std::int64_t c = 0; c < g.groups; ++c) {
      const std::int64_t at =
          c * g.weights_group + tap / g.filter[2] * g.weights_spatial[1] + tap % g.filter[2] * g.weights_spatial[2];
      const std::int64_t zero = zeros ? integer_at(zeros.data, zeros.type->storage(), zeros.elements() == 1 ? 0 : c) : 0;
      *to++ = static_cast<std::int16_t>(integer_at(w.data, w.type->storage(), at) - zero);
    }
  return all;
}

}  // namespace

bool fast_integer_depthwise(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const auto& stored = *static_cast<const ConvGeometry*>(prepared.data.get());
  if (stored.group_in != 1 || stored.group_out != 1 || stored.groups < 2 || stored.in[0] != 1) return false;
  if (!context.constant(1) || (context.has(3) && !context.constant(3)) || (context.has(2) && context.inputs[2].elements() != 1))
    return false;
  ops::DepthwisePlan plan;
  ConvGeometry& g = plan.geometry = stored;
  g.input = {g.in[1] * g.in[2] * g.groups, 1, {g.in[1] * g.in[2] * g.groups, g.in[2] * g.groups, g.groups}};
  plan.weight_bytes = sizeof(std::int16_t);
  plan.weights = weights_of(context, stored);
  if (!fits_depthwise(context, plan)) return false;
  auto made = std::make_shared<IntegerDepthwise>();
  IntegerDepthwise& w = *made;
  Depthwise& d = w.layer;
  if (!d.lay_out(g, false) || !d.pack(plan)) return false;
  w.stored = stored;
  d.layer.input_flip = context.inputs[0].type->storage() == DType::int8 ? 0x80 : 0;
  d.result_bytes = 4;
  d.constants.make_sums(d.layer.channels);
  d.connect(candidate, [](std::int64_t) { return 0; });
  for (std::uint32_t sum : d.sums) w.sums.push_back(static_cast<std::int32_t>(sum));
  w.sums.resize(w.sums.size() + 15);  // what is read behind
  w.finish = kernels::hybrid_f32(candidate.execution.cpu).finish;
  w.copied = stored.input.channel != 1;
  w.border_at = w.copied ? static_cast<std::size_t>((context.inputs[0].elements() + read_behind + 63) / 64 * 64) : 0;
  w.lines_at = w.border_at + static_cast<std::size_t>((d.border_bytes + read_behind + 63) / 64 * 64);
  w.line_bytes = static_cast<std::size_t>((g.out[2] * d.channels * 4 + 127) / 64 * 64);
  prepared = {.run = run,
              .scratch_bytes =
                  w.lines_at + (w.line_bytes + d.pointer_bytes) * static_cast<std::size_t>(d.threads ? d.threads->workers() : 1),
              .prepared_bytes = d.weights.size() + d.constants.bytes() + 4 * w.sums.size(),
              .kernel = "depthwise_s8",
              .instructions = kernels::depthwise_s8(candidate.execution.cpu).name};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
