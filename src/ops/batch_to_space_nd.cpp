// batch_to_space_nd: batch entries become blocks of space, cropped at the borders. TensorFlow Lite's BATCH_TO_SPACE_ND.
#include "ops/op_def.hpp"
#include "ops/support/batch_space.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  const auto block = c.integers(1), crops = c.integers(2);
  const Shape& in = c.shape(0);
  if (const char* problem = block_problem(c, block, crops))
    return constraint("batch_to_space_nd_c1", problem, Cause::invalid_attribute);
  if (!block || !crops || !in.ranked()) return moved(c, "batch_to_space_nd_c2", in.ranked() ? open_shape(in.rank()) : in);
  Shape out = in;
  for (std::size_t i = 0; i < block->size(); ++i) {
    const std::int64_t b = (*block)[i];
    if (out[0] >= 0 && out[0] % b != 0)  // batch_to_space_nd_c3: whole blocks
      return constraint("batch_to_space_nd_c3", std::to_string(in[0]) + " batch entries do not make whole blocks");
    if (out[0] >= 0) out[0] /= b;
    if (in[i + 1] < 0) continue;
    const auto size = multiply_checked(in[i + 1], b);
    const std::int64_t cut = (*crops)[2 * i] + (*crops)[2 * i + 1];
    if (!size || cut > *size)
      return constraint("batch_to_space_nd_c4", "the crops of dimension " + std::to_string(i + 1) + " leave less than nothing");
    out[i + 1] = *size - cut;
  }
  return moved(c, "batch_to_space_nd_c2", std::move(out));
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const Integers block = read_integers(args.inputs[1]), crops = read_integers(args.inputs[2]);
  if (!blocks_fit(out.shape(), in.shape(), block, crops))
    return args.control->fail("batch_to_space_nd: block shape and crops do not fit the shapes");
  move_elements(args, [&](const std::byte* from, std::byte* to, int bits) {
    for_blocks(out.shape(), in.shape(), block, crops, false, [&](const StridedCopy& copy) { copy.run(from, to, bits); });
  });
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef batch_to_space_nd{
    .name = "batch_to_space_nd",
    .help = "Moves batch entries back into blocks of the spatial dimensions and crops their borders.",
    .inputs = "input block_shape crops",
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
