// space_to_batch_nd: blocks of space become batch entries, zeros (zero points) around. TensorFlow Lite's SPACE_TO_BATCH_ND.
#include <cstring>

#include "ops/op_def.hpp"
#include "ops/support/batch_space.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  const auto block = c.integers(1), paddings = c.integers(2);
  const Shape& in = c.shape(0);
  if (const char* problem = block_problem(c, block, paddings))
    return constraint("space_to_batch_nd_c1", problem, Cause::invalid_attribute);
  if (!block || !paddings || !in.ranked())
    return moved(c, "space_to_batch_nd_c2", in.ranked() ? open_shape(in.rank()) : in, false);
  Shape out = in;
  for (std::size_t i = 0; i < block->size(); ++i) {
    const std::int64_t b = (*block)[i];
    const auto batch = out[0] < 0 ? std::optional(Shape::dynamic) : multiply_checked(out[0], b);
    if (!batch) return constraint("space_to_batch_nd_c3", "too many batch entries", Cause::resource_limit);
    out[0] = *batch;
    if (in[i + 1] < 0) continue;
    const auto padded = add_checked(in[i + 1], (*paddings)[2 * i] + (*paddings)[2 * i + 1]);
    if (!padded || *padded % b != 0)  // space_to_batch_nd_c4: whole blocks
      return constraint("space_to_batch_nd_c4", "dimension " + std::to_string(i + 1) + " of " + in.to_string() +
                                                    " with its paddings is not a multiple of " + std::to_string(b));
    out[i + 1] = *padded / b;
  }
  return moved(c, "space_to_batch_nd_c2", std::move(out), false);
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const Integers block = read_integers(args.inputs[1]), paddings = read_integers(args.inputs[2]);
  if (!blocks_fit(in.shape(), out.shape(), block, paddings))
    return args.control->fail("space_to_batch_nd: block shape and paddings do not fit the shapes");
  const int bits = element_bits(in);
  std::byte zero[16] = {};
  const std::int64_t zero_point = out.type->zero_point();
  std::memcpy(zero, &zero_point, sizeof(zero_point));
  clear_tail(out);
  fill_run(out.data, out.elements(), zero, bits);
  for_blocks(in.shape(), out.shape(), block, paddings, true, [&](const StridedCopy& copy) { copy.run(in.data, out.data, bits); });
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef space_to_batch_nd{
    .name = "space_to_batch_nd",
    .help = "Pads the spatial dimensions and moves what stands at each offset of a block into batch entries of its own.",
    .inputs = "input block_shape paddings",
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
