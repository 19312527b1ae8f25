// broadcast_to: repeats dimensions of size 1 up to a shape. TensorFlow Lite's BROADCAST_TO, ONNX's Expand.
#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

struct BroadcastTo {
  bool both_ways = false;
};
constexpr std::array attributes{
    attr<&BroadcastTo::both_ways>("both_ways", "a 1 in the shape, or a shorter shape, takes the input's dimension (ONNX)")};

Result<Types> infer(const InferContext& c) {
  const Shape& in = c.shape(0);
  const auto wanted = c.integers(1);
  const bool both_ways = c.attributes<BroadcastTo>().both_ways;
  if (!wanted) {
    const auto length = vector_length(c, 1);
    if (both_ways)
      return moved(c, "broadcast_to_c1",
                   length && in.ranked() ? open_shape(std::max(*length, in.rank())) : Shape::unknown_rank());
    return moved(c, "broadcast_to_c1", open_shape(length));
  }
  for (std::int64_t d : *wanted)
    if (!sensible_dim(d))
      return constraint("broadcast_to_c2", Shape(*wanted).to_string() + " is no shape", Cause::invalid_attribute);
  const Shape to(*wanted);
  if (!in.ranked()) return moved(c, "broadcast_to_c1", both_ways ? Shape::unknown_rank() : to);
  const auto out = broadcast(in, to);
  if (!out || (!both_ways && out->rank() != to.rank()))
    return constraint("broadcast_to_c3", in.to_string() + " cannot be repeated to " + to.to_string());
  for (std::size_t i = 0; !both_ways && i < to.rank(); ++i)
    if ((*out)[i] != to[i]) return constraint("broadcast_to_c3", in.to_string() + " cannot be repeated to " + to.to_string());
  return moved(c, "broadcast_to_c1", *out);
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  const auto in_strides = dense_strides(in.shape()), out_strides = dense_strides(out.shape());
  if (in.rank() > out.rank()) return args.control->fail("broadcast_to: the output has fewer dimensions");
  const std::size_t extra = out.rank() - in.rank();
  StridedCopy copy;
  for (std::size_t i = 0; i < out.rank(); ++i) {
    const bool repeated = i < extra || in.dim(i - extra) == 1;
    if (!repeated && in.dim(i - extra) != out.dim(i)) return args.control->fail("broadcast_to: the shapes do not fit");
    copy.add(out.dim(i), repeated ? 0 : in_strides[i - extra], out_strides[i]);
  }
  move_elements(args, [&](const std::byte* from, std::byte* to, int bits) { copy.run(from, to, bits); });
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef broadcast_to{
    .name = "broadcast_to",
    .help = "Repeats dimensions of size 1, and a whole tensor along new leading ones, up to the given shape.",
    .inputs = "input shape",
    .attributes = attribute_table<BroadcastTo>(attributes),
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
