// scatter_elements: ONNX's ScatterElements (and Scatter): the input with single elements replaced, or combined with updates.
#include "ops/support/scatter.hpp"

namespace qgraph::ops::onnx {
namespace {

struct ScatterElements {
  std::int64_t axis = 0;
  ScatterReduction reduction = ScatterReduction::none;
};
constexpr std::array attributes{
    attr<&ScatterElements::axis>("axis", "negative: from the end"),
    attr<&ScatterElements::reduction>("reduction", "how an update meets what is there"),
};

Result<Types> infer(const InferContext& c) {
  const Shape &in = c.shape(0), &indices = c.shape(1), &updates = c.shape(2);
  if (!is_integer(c.input(1).storage()) && c.input(1).storage() != DType::unknown)
    return constraint("scatter_elements_c1", "indices are " + std::string(name(c.input(1).storage())), Cause::unsupported_dtype);
  if (c.input(2).storage() != c.input(0).storage() && c.input(0).storage() != DType::unknown &&
      c.input(2).storage() != DType::unknown)
    return constraint("scatter_elements_c2", "input and updates are of two dtypes", Cause::dtype_contradiction);
  if (in.ranked() && !normalize_axis(c.attributes<ScatterElements>().axis, in.rank()))
    return constraint("scatter_elements_c3", "the axis is outside of " + in.to_string(), Cause::invalid_attribute);
  if (!broadcast(indices, updates) || (indices.ranked() && updates.ranked() && indices.rank() != updates.rank()) ||
      (in.ranked() && indices.ranked() && indices.rank() != in.rank()) ||
      (indices.is_static() && updates.is_static() && indices != updates))
    return constraint("scatter_elements_c4", "indices " + indices.to_string() + " and updates " + updates.to_string() +
                                                 " do not fit the input " + in.to_string());
  return moved(c, "scatter_elements_c5", in, false);
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &indices = args.inputs[1], &out = args.outputs[0];
  const auto& a = args.attributes<ScatterElements>();
  const std::size_t axis = *normalize_axis(a.axis, in.rank());
  for (std::size_t d = 0; d < in.rank(); ++d)
    if (d != axis && indices.dim(d) > in.dim(d)) return fail_index(args, "scatter_elements", indices.dim(d) - 1, in.dim(d));
  if (out.bytes > 0) std::memcpy(out.data, in.data, out.bytes);
  const auto strides = dense_strides(in.shape());
  each_coordinate(indices.shape(), [&](std::int64_t i, const Coordinates& at) {
    std::int64_t index = integer_at(indices, i);
    if (index < 0) index += in.dim(axis);
    if (index < 0 || index >= in.dim(axis)) return fail_index(args, "scatter_elements", index, in.dim(axis)), false;
    std::int64_t position = index * strides[axis];
    for (std::size_t d = 0; d < in.rank(); ++d)
      if (d != axis) position += at[d] * strides[d];
    scatter_run(out, position, args.inputs[2], i, 1, a.reduction);
    return true;
  });
}

constexpr std::array kernels{kernel(DType::unknown, run, prepare_scatter<ScatterElements>)};
}  // namespace

extern constexpr OpDef scatter_elements{
    .name = "onnx.scatter_elements",
    .help =
        "The input, in which updates[i, j, ...] is put where its coordinates stand with the one on the axis replaced by "
        "indices[i, j, ...].",
    .inputs = "input indices updates",
    .attributes = attribute_table<ScatterElements>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
