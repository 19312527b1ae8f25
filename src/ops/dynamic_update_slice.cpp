// dynamic_update_slice: a tensor with a box overwritten. Start indices are clamped so that the box fits, as StableHLO defines it.
#include <cstring>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  const Shape &in = c.shape(0), &update = c.shape(1);
  if (c.input(0).storage() != c.input(1).storage())
    return constraint(
        "dynamic_update_slice_c1",
        "the update is " + std::string(name(c.input(1).storage())) + ", the operand " + std::string(name(c.input(0).storage())),
        Cause::dtype_contradiction);
  bool fits = !in.ranked() || !update.ranked() || in.rank() == update.rank();
  for (std::size_t i = 0; fits && in.ranked() && update.ranked() && i < in.rank(); ++i) fits = in[i] < 0 || update[i] <= in[i];
  if (!fits)
    return constraint("dynamic_update_slice_c2", "an update of " + update.to_string() + " does not fit into " + in.to_string());
  if (const auto n = vector_length(c, 2); n && in.ranked() && *n != in.rank())
    return constraint("dynamic_update_slice_c3",
                      std::to_string(*n) + " start indices for " + std::to_string(in.rank()) + " dimensions");
  return moved(c, "dynamic_update_slice_c4", in, false);
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &update = args.inputs[1], &out = args.outputs[0];
  if (in.bytes > 0 && out.data != in.data) std::memmove(out.data, in.data, in.bytes);
  const auto update_strides = dense_strides(update.shape()), out_strides = dense_strides(out.shape());
  StridedCopy copy;
  for (std::size_t i = 0; i < out.rank(); ++i) {
    const std::int64_t start =
        std::clamp<std::int64_t>(integer_at(args.inputs[2], static_cast<std::int64_t>(i)), 0, out.dim(i) - update.dim(i));
    copy.out_offset += start * out_strides[i];
    copy.add(update.dim(i), update_strides[i], out_strides[i]);
  }
  copy.run(update.data, out.data, element_bits(out));
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef dynamic_update_slice{
    .name = "dynamic_update_slice",
    .help = "The operand with the box at the start indices, moved inwards where it would not fit, overwritten by the update.",
    .inputs = "operand update start_indices",
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
