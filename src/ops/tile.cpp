// tile: repeats a tensor along its dimensions.
#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  const Shape& in = c.shape(0);
  const auto multiples = c.integers(1);
  const auto length = vector_length(c, 1);
  if (!in.ranked()) return moved(c, "tile_c1", open_shape(length));
  if (length && *length != in.rank())
    return constraint("tile_c2", std::to_string(*length) + " multiples for " + std::to_string(in.rank()) + " dimensions");
  Shape out = in;
  for (std::size_t i = 0; i < in.rank(); ++i) {
    const std::int64_t times = multiples ? (*multiples)[i] : 1;
    const auto dim = in[i] < 0 || !multiples ? std::optional(Shape::dynamic) : multiply_checked(in[i], times);
    if (times < 0 || !dim)
      return constraint("tile_c3", "a multiple of " + std::to_string(times) + " makes no dimension of " + in.to_string(),
                        Cause::invalid_attribute);
    out[i] = *dim;
  }
  return moved(c, "tile_c1", std::move(out));
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const Integers multiples = read_integers(args.inputs[1]);
  if (multiples.count != in.rank()) return args.control->fail("tile: not one multiple for each dimension");
  const auto in_strides = dense_strides(in.shape()), out_strides = dense_strides(out.shape());
  StridedCopy copy;
  for (std::size_t i = 0; i < in.rank(); ++i) {
    if (in.dim(i) * multiples[i] != out.dim(i)) return args.control->fail("tile: the multiples do not fit the output's shape");
    copy.add(multiples[i], 0, in.dim(i) * out_strides[i]);
    copy.add(in.dim(i), in_strides[i], out_strides[i]);
  }
  move_elements(args, [&](const std::byte* from, std::byte* to, int bits) { copy.run(from, to, bits); });
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef tile{
    .name = "tile",
    .help = "Repeats a tensor along each dimension as often as multiples say.",
    .inputs = "input multiples",
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
