// dilate: puts a value between the elements of a tensor. TensorFlow Lite's DILATE.
#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  const Shape& in = c.shape(0);
  const auto dilations = c.integers(1);
  if (c.input(2).storage() != c.input(0).storage())
    return constraint("dilate_c1", "the value is of another dtype", Cause::dtype_contradiction);
  if (const auto n = c.shape(2).elements(); c.shape(2).is_static() && n != 1)
    return constraint("dilate_c2", "the value is not one element");
  if (!in.ranked()) return moved(c, "dilate_c3", open_shape(vector_length(c, 1)), false);
  if (const auto n = vector_length(c, 1); n && *n != in.rank())
    return constraint("dilate_c4", std::to_string(*n) + " dilations for " + std::to_string(in.rank()) + " dimensions");
  Shape out = in;
  for (std::size_t i = 0; i < in.rank(); ++i) {
    if (!dilations || in[i] < 0) {
      out[i] = Shape::dynamic;
      continue;
    }
    const std::int64_t step = (*dilations)[i];
    const auto span = step < 1 ? std::nullopt : in[i] == 0 ? std::optional<std::int64_t>(-1) : multiply_checked(in[i] - 1, step);
    if (!span || *span >= 0x7FFF'FFFF)
      return constraint("dilate_c5", "a dilation of " + std::to_string(step) + " does not fit", Cause::invalid_attribute);
    out[i] = *span + 1;
  }
  return moved(c, "dilate_c3", std::move(out), false);
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const int bits = element_bits(in);
  const auto in_strides = dense_strides(in.shape()), out_strides = dense_strides(out.shape());
  clear_tail(out);
  fill_run(out.data, out.elements(), args.inputs[2].data, bits);
  StridedCopy copy;
  for (std::size_t i = 0; i < in.rank(); ++i) {
    const std::int64_t step = integer_at(args.inputs[1], static_cast<std::int64_t>(i));
    if (step < 1 || (in.dim(i) > 0 && (in.dim(i) - 1) * step + 1 != out.dim(i)))
      return args.control->fail("dilate: the dilations do not fit the output's shape");
    copy.add(in.dim(i), in_strides[i], step * out_strides[i]);
  }
  copy.run(in.data, out.data, bits);
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef dilate{
    .name = "dilate",
    .help = "The input's elements, spread out by the dilations, with the value between them.",
    .inputs = "input dilations value",
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
