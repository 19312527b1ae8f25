// broadcast_args: the shape that two shapes broadcast to. TensorFlow Lite's BROADCAST_ARGS.
#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  const auto a = vector_length(c, 0), b = vector_length(c, 1);
  if (c.input(0).storage() != c.input(1).storage())
    return constraint("broadcast_args_c1", "the shapes are of two dtypes", Cause::dtype_contradiction);
  if (!a || !b) return Types{c.output(0, c.input(0).element, open_shape(1))};
  return Types{c.output(0, c.input(0).element, Shape{static_cast<std::int64_t>(std::max(*a, *b))})};
}

template <class T>
void run(const KernelArgs& args) noexcept {
  const View &a = args.inputs[0], &b = args.inputs[1], &out = args.outputs[0];
  const std::int64_t n = out.elements();
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t ia = i - (n - a.elements()), ib = i - (n - b.elements());
    const T x = ia < 0 ? T{1} : a.as<const T>()[ia], y = ib < 0 ? T{1} : b.as<const T>()[ib];
    if (x != y && x != 1 && y != 1) return args.control->fail("broadcast_args: the shapes do not fit each other");
    out.as<T>()[i] = x == 1 ? y : x;
  }
}

constexpr std::array kernels{kernel(DType::int32, run<std::int32_t>), kernel(DType::int64, run<std::int64_t>)};
}  // namespace

extern constexpr OpDef broadcast_args{
    .name = "broadcast_args",
    .help = "The shape that tensors of two given shapes broadcast to.",
    .inputs = "shape0 shape1",
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops
