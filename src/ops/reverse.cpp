// reverse: the elements in reverse order along axes. TensorFlow Lite's REVERSE_V2, which takes neighbouring
// axes only; here they may be any.
#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  const auto axes = c.integers(1);
  const Shape& in = c.shape(0);
  if (axes && in.ranked())
    for (std::int64_t axis : *axes)
      if (!normalize_axis(axis, in.rank()))
        return constraint("reverse_c1", "axis " + std::to_string(axis) + " is outside of rank " + std::to_string(in.rank()),
                          Cause::invalid_attribute);
  return moved(c, "reverse_c2", in);
}

void run(const KernelArgs& args) noexcept {
  const View& in = args.inputs[0];
  const Integers axes = read_integers(args.inputs[1]);
  std::uint32_t reversed = 0;
  for (std::size_t i = 0; i < axes.count; ++i) {
    const auto at = normalize_axis(axes[i], in.rank());
    if (!at) return args.control->fail("reverse: an axis is outside of the input's rank");
    reversed |= 1U << *at;
  }
  const auto strides = dense_strides(in.shape());
  StridedCopy copy;
  for (std::size_t i = 0; i < in.rank(); ++i) {
    const bool back = (reversed & (1U << i)) != 0;
    if (back) copy.in_offset += (in.dim(i) - 1) * strides[i];
    copy.add(in.dim(i), back ? -strides[i] : strides[i], strides[i]);
  }
  move_elements(args, [&](const std::byte* from, std::byte* to, int bits) { copy.run(from, to, bits); });
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef reverse{
    .name = "reverse",
    .help = "The elements in reverse order along the given axes.",
    .inputs = "input axes",
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
