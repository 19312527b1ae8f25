// slice: ONNX's Slice with operands: starts, ends and steps of some axes. Where they are constants strided_slice serves.
#include <algorithm>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::onnx {
namespace {

struct Cut {
  std::int64_t first = 0, step = 1, extent = 0;
};

/// What is left of a dimension: ends are clamped so that a step never leaves it.
Cut cut(std::int64_t size, std::int64_t start, std::int64_t end, std::int64_t step) noexcept {
  if (start < 0) start += size;
  if (end < 0) end += size;
  if (step > 0) {
    start = std::clamp<std::int64_t>(start, 0, size);
    end = std::clamp<std::int64_t>(end, 0, size);
    return {start, step, end > start ? (end - start - 1) / step + 1 : 0};
  }
  start = std::clamp<std::int64_t>(start, 0, std::max<std::int64_t>(size - 1, 0));
  end = std::clamp<std::int64_t>(end, -1, size - 1);
  return {start, step, start > end ? (end - start + 1) / step + 1 : 0};
}

/// One for each axis of the input; nothing where the operands fit neither each other nor the rank.
struct Cuts {
  std::array<Cut, max_rank> of{};
  bool valid = false;
};
Cuts cuts(const Shape& in, std::span<const std::int64_t> starts, std::span<const std::int64_t> ends,
          std::span<const std::int64_t> axes, std::span<const std::int64_t> steps) noexcept {
  Cuts all;
  if (in.rank() > max_rank || starts.size() != ends.size() || (!axes.empty() && axes.size() != starts.size()) ||
      (!steps.empty() && steps.size() != starts.size()) || starts.size() > in.rank())
    return all;
  for (std::size_t d = 0; d < in.rank(); ++d) all.of[d] = {0, 1, in[d]};
  std::uint32_t seen = 0;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const auto axis = normalize_axis(axes.empty() ? static_cast<std::int64_t>(i) : axes[i], in.rank());
    const std::int64_t step = steps.empty() ? 1 : steps[i];
    if (!axis || step == 0 || (seen >> *axis & 1U) != 0) return all;
    seen |= 1U << *axis;
    if (in[*axis] < 0)
      all.of[*axis].extent = Shape::dynamic;
    else
      all.of[*axis] = cut(in[*axis], starts[i], ends[i], std::max(step, -std::numeric_limits<std::int64_t>::max()));
  }
  all.valid = true;
  return all;
}

Result<Types> infer(const InferContext& c) {
  const Shape& in = c.shape(0);
  if (!in.ranked()) return moved(c, "slice_c1", Shape::unknown_rank());
  const auto starts = c.integers(1), ends = c.integers(2), axes = c.integers(3), steps = c.integers(4);
  if (!starts || !ends || (c.has(3) && !axes) || (c.has(4) && !steps)) {
    Shape open = open_shape(in.rank());
    if (axes)
      for (std::size_t d = 0; d < open.rank(); ++d)
        if (std::ranges::none_of(*axes, [&](std::int64_t a) { return normalize_axis(a, in.rank()) == d; })) open[d] = in[d];
    return moved(c, "slice_c1", std::move(open));
  }
  const auto values = [](const auto& v) { return v ? std::span<const std::int64_t>(*v) : std::span<const std::int64_t>(); };
  const Cuts all = cuts(in, *starts, *ends, values(axes), values(steps));
  if (!all.valid)
    return constraint("slice_c2", "starts, ends, axes and steps do not fit each other and " + in.to_string(),
                      Cause::invalid_attribute);
  Shape out = in;
  for (std::size_t d = 0; d < in.rank(); ++d) out[d] = all.of[d].extent;
  return moved(c, "slice_c1", std::move(out));
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const auto operand = [&](std::size_t i) { return args.has(i) ? read_integers(args.inputs[i]) : Integers{}; };
  const Integers starts = operand(1), ends = operand(2), axes = operand(3), steps = operand(4);
  const Cuts all = cuts(in.shape(), starts.span(), ends.span(), axes.span(), steps.span());
  if (!all.valid) return args.control->fail("slice: starts, ends, axes and steps do not fit the input");
  const auto in_strides = dense_strides(in.shape()), out_strides = dense_strides(out.shape());
  StridedCopy copy;
  for (std::size_t d = 0; d < in.rank(); ++d) {
    if (all.of[d].extent != out.dim(d)) return args.control->fail("slice: the output has another shape");
    copy.in_offset += all.of[d].first * in_strides[d];
    // Of one element the step does not matter, and may be any number.
    const std::int64_t step = all.of[d].extent > 1 ? all.of[d].step : 1;
    copy.add(all.of[d].extent, step * in_strides[d], out_strides[d]);
  }
  if (out.elements() == 0) return;
  move_elements(args, [&](const std::byte* from, std::byte* to, int bits) { copy.run(from, to, bits); });
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef slice{
    .name = "onnx.slice",
    .help =
        "Elements start, start + step, ... before end of the named axes (else of the first ones); ends beyond the input are its "
        "borders.",
    .inputs = "input starts ends axes? steps?",
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops::onnx
