// one_hot: a new axis on which the place of each index is on and the others off. An index outside of the axis turns nothing on.
#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

struct OneHot {
  std::int64_t axis = -1;
  bool negative_indices = false;
};
constexpr std::array attributes{
    attr<&OneHot::axis>("axis", "the new axis, of the output; negative: from the end"),
    attr<&OneHot::negative_indices>("negative_indices", "negative indices count from the end (ONNX); else they turn nothing on"),
};

Result<Types> infer(const InferContext& c) {
  const Shape& indices = c.shape(0);
  if (!is_integer(c.input(0).storage()) && c.input(0).storage() != DType::unknown)
    return constraint("one_hot_c1", "indices are " + std::string(name(c.input(0).storage())), Cause::unsupported_dtype);
  if (c.input(2).storage() != c.input(3).storage())
    return constraint("one_hot_c2", "on and off values are of two dtypes", Cause::dtype_contradiction);
  for (std::size_t i : {1U, 2U, 3U})
    if (const auto n = c.shape(i).elements(); c.shape(i).is_static() && n != 1)
      return constraint("one_hot_c3", "depth, on and off value are one element each");
  Shape out = indices;
  if (indices.ranked()) {
    const std::int64_t given = c.attributes<OneHot>().axis;
    const auto axis = normalize_axis(given, indices.rank() + 1);
    if (!axis)
      return constraint("one_hot_c4",
                        "axis " + std::to_string(given) + " is outside of rank " + std::to_string(indices.rank() + 1),
                        Cause::invalid_attribute);
    const auto depth = c.integers(1);
    if (depth && (depth->empty() || !sensible_dim((*depth)[0])))
      return constraint("one_hot_c5", "the depth is no dimension", Cause::data_out_of_range);
    auto& dims = out.mutable_dims();
    dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(*axis), depth ? (*depth)[0] : Shape::dynamic);
  }
  auto type = moved_type(c, "one_hot_c6", 2, 0, std::move(out), false);
  if (!type) return std::move(type).error();
  return Types{*std::move(type)};
}

void run(const KernelArgs& args) noexcept {
  const View &indices = args.inputs[0], &out = args.outputs[0];
  const std::size_t axis = *normalize_axis(args.attributes<OneHot>().axis, out.rank());
  const std::int64_t prefix = product(out.shape(), 0, axis), depth = out.dim(axis),
                     suffix = product(out.shape(), axis + 1, out.rank());
  const int bits = element_bits(out);
  clear_tail(out);
  fill_run(out.data, out.elements(), args.inputs[3].data, bits);
  for (std::int64_t p = 0; p < prefix; ++p)
    for (std::int64_t s = 0; s < suffix; ++s) {
      std::int64_t index = integer_at(indices, p * suffix + s);
      if (index < 0 && args.attributes<OneHot>().negative_indices) index += depth;
      if (index >= 0 && index < depth) copy_run(args.inputs[2].data, 0, out.data, (p * depth + index) * suffix + s, 1, bits);
    }
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef one_hot{
    .name = "one_hot",
    .help = "A new axis of size depth: on where the index says, off elsewhere.",
    .inputs = "indices depth on_value off_value",
    .attributes = attribute_table<OneHot>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops
