// sparse_to_dense: a default value everywhere but at the given places. TensorFlow Lite's SPARSE_TO_DENSE.
#include "ops/op_def.hpp"
#include "ops/support/indexed.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  const auto dims = c.integers(1);
  const auto rank = vector_length(c, 1);
  const Shape &indices = c.shape(0), &values = c.shape(2);
  if (c.input(2).storage() != c.input(3).storage())
    return constraint("sparse_to_dense_c1", "values and default value are of two dtypes", Cause::dtype_contradiction);
  if (const auto n = c.shape(3).elements(); c.shape(3).is_static() && n != 1)
    return constraint("sparse_to_dense_c2", "the default value is not one element");
  if (indices.ranked() && values.ranked()) {
    const std::int64_t rows = indices.rank() == 0 ? 1 : indices[0], depth = indices.rank() < 2 ? 1 : indices[1];
    const bool fits = indices.rank() < 3 && values.rank() < 2 &&
                      (!rank || depth < 0 || depth == static_cast<std::int64_t>(*rank)) &&
                      (values.rank() == 0 || rows < 0 || values[0] < 0 || values[0] == rows);
    if (!fits)
      return constraint("sparse_to_dense_c3",
                        "indices " + indices.to_string() + " and values " + values.to_string() + " do not fit");
  }
  for (std::int64_t d : dims.value_or(std::vector<std::int64_t>{}))
    if (!sensible_dim(d))
      return constraint("sparse_to_dense_c4", Shape(*dims).to_string() + " is no shape", Cause::invalid_attribute);
  auto type = moved_type(c, "sparse_to_dense_c5", 2, 0, dims ? Shape(*dims) : open_shape(rank), false);
  if (!type) return std::move(type).error();
  return Types{*std::move(type)};
}

void run(const KernelArgs& args) noexcept {
  const View &indices = args.inputs[0], &values = args.inputs[2], &out = args.outputs[0];
  const int bits = element_bits(out);
  const std::int64_t rows = indices.rank() == 0 ? 1 : indices.dim(0);
  const auto depth = static_cast<std::int64_t>(out.rank());
  if (indices.elements() != rows * depth) return args.control->fail("sparse_to_dense: index tuples do not fit the output's rank");
  const auto strides = dense_strides(out.shape());
  clear_tail(out);
  fill_run(out.data, out.elements(), args.inputs[3].data, bits);
  for (std::int64_t r = 0; r < rows; ++r) {
    std::int64_t position = 0;
    for (std::int64_t j = 0; j < depth; ++j) {
      const auto axis = static_cast<std::size_t>(j);
      const std::int64_t index = integer_at(indices, r * depth + j);
      if (index < 0 || index >= out.dim(axis)) return fail_index(args, "sparse_to_dense", index, out.dim(axis));
      position += index * strides[axis];
    }
    copy_run(values.data, values.rank() == 0 ? 0 : r, out.data, position, 1, bits);
  }
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef sparse_to_dense{
    .name = "sparse_to_dense",
    .help = "A tensor of the given shape: values at the places that indices name, the default value elsewhere.",
    .inputs = "indices shape values default_value",
    .infer = &infer,
    .reference = kernels,
    .primary = 2,
};

}  // namespace qgraph::ops
