// depthwise_conv_2d of 8-bit operands, one output per input channel: taps are pointers, those outside of the image lead to a row
// of zero points.
#include <algorithm>
#include <cstring>

#include "ops/infer.hpp"
#include "runtime/fast/depthwise_layer.hpp"

namespace qgraph::runtime {
namespace {

/// Lines of the output from lines of the input that are copied into slots, each behind the border at its left.
void run_narrow(const Depthwise& d, const std::uint8_t* input, std::uint8_t* output, Share lines, const std::uint8_t** pointers,
                std::uint8_t* slots) noexcept {
  const ConvGeometry& g = d.geometry;
  const std::int64_t all = d.slot_pixels * d.channels, left = g.pad[2] * d.channels,
                     copied = std::min(g.in[2] * d.channels, all - left);
  for (std::int64_t slot = 0; slot < d.slots; ++slot) {
    std::memset(slots + slot * d.slot_bytes, d.border[0], static_cast<std::size_t>(left));
    std::memset(slots + slot * d.slot_bytes + left + copied, d.border[0], static_cast<std::size_t>(all - left - copied));
  }
  std::int64_t image = -1, next = 0;  // the first line that has not been copied
  for (std::int64_t line = lines.begin; line < lines.end; ++line) {
    if (line / g.out[1] != image) next = 0;
    image = line / g.out[1];
    const std::int64_t top = line % g.out[1] * g.stride[1] - g.pad[1], end = std::min(top + d.slots, g.in[1]);
    for (std::int64_t y = std::max(next, top); y < end; ++y)
      std::memcpy(slots + y % d.slots * d.slot_bytes + left, input + image * g.input.batch + y * g.input.spatial[1],
                  static_cast<std::size_t>(copied));
    next = std::max(next, end);
    for (std::int64_t tap = 0; tap < d.taps; ++tap) pointers[tap] = d.border.data();
    for (std::int64_t fy = 0; fy < g.filter[1]; ++fy) {
      const std::int64_t y = top + fy * g.dilation[1];
      if (y < 0 || y >= g.in[1]) continue;
      const std::uint8_t* first = slots + y % d.slots * d.slot_bytes;
      for (std::int64_t fx = 0; fx < g.filter[2]; ++fx) pointers[place_of(d, fy, fx)] = first + fx * g.dilation[2] * d.channels;
    }
    run_inside(d, pointers, g.out[2], output + line * g.out[2] * d.channels);
  }
}

void run(const KernelArgs& args) noexcept {
  const auto& d = args.prepared_as<Depthwise>();
  const ConvGeometry& g = d.geometry;
  split_work(d.threads, d.parts, [&](int part, int parts, int worker) noexcept {
    const std::size_t bytes = d.pointer_bytes + static_cast<std::size_t>(d.slots * d.slot_bytes);
    std::byte* scratch = args.scratch + static_cast<std::size_t>(worker) * bytes;
    auto* pointers = reinterpret_cast<const std::uint8_t**>(scratch);
    const Share lines = share(g.batch * g.out[1], part, parts);
    if (d.slots > 0)
      return run_narrow(d, args.in<std::uint8_t>(0), args.out<std::uint8_t>(), lines, pointers,
                        reinterpret_cast<std::uint8_t*>(scratch + d.pointer_bytes));
    for (std::int64_t line = lines.begin; line < lines.end; ++line)
      run_line(d, args.in<std::uint8_t>(0) + line / g.out[1] * g.input.batch, d.border.data(), line % g.out[1],
               args.out<std::uint8_t>() + line * g.out[2] * d.channels, pointers);
  });
}

bool fits(const PrepareContext& context, const ops::DepthwisePlan& plan) {
  const DType stored = context.inputs[0].type->storage();
  if (plan.hybrid || bits(stored) != 8 || !fits_depthwise(context, plan)) return false;
  const bool integer_bias = context.constant(2) && context.inputs[2].type->storage() == DType::int32;
  if (context.has(2) && plan.output.added.empty() && !integer_bias) return false;
  const IntegerRange range = integer_range(stored);
  return plan.input_scale.zero_point >= range.min && plan.input_scale.zero_point <= range.max;
}

/// An output stage for so many pixels side by side.
AccumulatorOutput repeated(const AccumulatorOutput& stage, std::int64_t times) {
  AccumulatorOutput out = stage;
  out.channels *= times;
  const auto repeat = [times, &stage](auto& list) {
    if (list.size() <= 1 && static_cast<std::int64_t>(list.size()) != stage.channels) return;
    const auto one = list;
    for (std::int64_t i = 1; i < times; ++i) list.insert(list.end(), one.begin(), one.end());
  };
  repeat(out.fixed);
  repeat(out.factors);
  repeat(out.added);
  return out;
}

bool flip(Prepared& prepared, int operand, bool asked) {
  if (operand > 0) return false;
  if (asked) return true;
  auto& d = prepared.own<Depthwise>();
  if (operand < 0) {
    d.layer.requantize.flip ^= 0x80;
    return true;
  }
  d.layer.input_flip ^= 0x80;
  for (std::uint8_t& b : d.border) b ^= 0x80;
  return true;
}

}  // namespace

bool fast_depthwise(const Candidate& candidate, Prepared& prepared) {
  const PrepareContext& context = candidate.context;
  const auto& plan = *static_cast<const ops::DepthwisePlan*>(prepared.data.get());
  if (!fits(context, plan)) return false;
  auto made = std::make_shared<Depthwise>();
  Depthwise& d = *made;
  d.layer.input_flip = context.inputs[0].type->storage() == DType::int8 ? 0x80 : 0;
  if (!d.lay_out(plan.geometry, true) || !d.pack(plan)) return false;
  if (!d.constants.make(repeated(plan.output, d.joined), kernels::depthwise_position)) return false;
  const std::int32_t* bias = context.has(2) && plan.output.added.empty() ? context.inputs[2].as<std::int32_t>() : nullptr;
  const auto zero_point = static_cast<std::uint32_t>(plan.input_scale.zero_point + (d.layer.input_flip != 0 ? 128 : 0));
  d.border.assign(static_cast<std::size_t>(d.border_bytes), static_cast<std::uint8_t>(plan.input_scale.zero_point));
  d.connect(candidate, [&](std::int64_t channel) {
    const std::uint32_t taken = zero_point * d.sums[static_cast<std::size_t>(channel)];
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(bias ? bias[channel] : 0) - taken);
  });
  prepared = {.run = run,
              .scratch_bytes = (d.pointer_bytes + static_cast<std::size_t>(d.slots * d.slot_bytes)) *
                               static_cast<std::size_t>(d.threads ? d.threads->workers() : 1),
              .prepared_bytes = d.weights.size() + d.border.size() + d.constants.bytes(),
              .kernel = "depthwise_s8",
              .instructions = kernels::depthwise_s8(candidate.execution.cpu).name,
              .flip = flip};
  prepared.data = std::move(made);
  return true;
}

}  // namespace qgraph::runtime
