// slice: a box out of a tensor. TensorFlow Lite's SLICE.
#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  const Shape& in = c.shape(0);
  const auto begin = c.integers(1), size = c.integers(2);
  if (!in.ranked()) return moved(c, "slice_c1", open_shape(vector_length(c, 1)));
  for (std::size_t i : {1U, 2U})
    if (const auto n = vector_length(c, i); n && *n != in.rank())  // slice_c2: one number for each dimension
      return constraint("slice_c2", std::to_string(*n) + " numbers for " + std::to_string(in.rank()) + " dimensions");
  Shape out = in;
  for (std::size_t i = 0; i < in.rank(); ++i) {
    const std::int64_t length = size ? (*size)[i] : Shape::dynamic, first = begin ? (*begin)[i] : 0;
    out[i] = length;
    if (!size) continue;
    if (length < -1 || length > 0x7FFF'FFFF || first < 0 || first > 0x7FFF'FFFF ||
        (begin && in[i] >= 0 && first + (length < 0 ? 0 : length) > in[i]))  // slice_c3: within the input
      return constraint("slice_c3", "begin " + std::to_string(first) + ", size " + std::to_string(length) +
                                        " is not within dimension " + std::to_string(i) + " of " + in.to_string());
    if (length == -1 && begin && in[i] >= 0) out[i] = in[i] - first;
  }
  return moved(c, "slice_c1", std::move(out));
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const Integers begin = read_integers(args.inputs[1]);
  if (begin.count != in.rank()) return args.control->fail("slice: begin has not one number for each dimension");
  const auto in_strides = dense_strides(in.shape()), out_strides = dense_strides(out.shape());
  StridedCopy copy;
  for (std::size_t i = 0; i < in.rank(); ++i) {
    if (begin[i] < 0 || begin[i] > in.dim(i) - out.dim(i)) return fail_index(args, "slice", begin[i], in.dim(i) - out.dim(i) + 1);
    copy.in_offset += begin[i] * in_strides[i];
    copy.add(out.dim(i), in_strides[i], out_strides[i]);
  }
  move_elements(args, [&](const std::byte* from, std::byte* to, int bits) { copy.run(from, to, bits); });
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef slice{
    .name = "slice",
    .help = "The box of `size` elements that starts at `begin`; a size of -1 reaches to the end.",
    .inputs = "input begin size",
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
