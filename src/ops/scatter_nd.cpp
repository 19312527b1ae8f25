// scatter_nd: slices put into zeros by index tuples; what falls on one place is summed. TensorFlow Lite's SCATTER_ND.
#include <cstring>

#include "ops/op_def.hpp"
#include "ops/support/indexed.hpp"
#include "ops/support/wrapping.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  const auto dims = c.integers(2);
  const Shape &indices = c.shape(0), &updates = c.shape(1);
  if (!is_integer(c.input(0).storage()) && c.input(0).storage() != DType::unknown)
    return constraint("scatter_nd_c1", "indices are " + std::string(name(c.input(0).storage())), Cause::unsupported_dtype);
  Shape out = dims ? Shape(*dims) : open_shape(vector_length(c, 2));
  if (dims)
    for (std::int64_t d : *dims)
      if (!sensible_dim(d)) return constraint("scatter_nd_c2", out.to_string() + " is no shape", Cause::invalid_attribute);
  if (out.ranked() && indices.ranked() && updates.ranked()) {
    if (indices.rank() == 0) return constraint("scatter_nd_c3", "indices have at least one dimension");
    const std::int64_t depth = indices[indices.rank() - 1];
    const std::size_t outer = indices.rank() - 1;
    bool fits = depth < 0 || (depth <= static_cast<std::int64_t>(out.rank()) &&
                              updates.rank() == outer + out.rank() - static_cast<std::size_t>(depth));
    const auto same = [](std::int64_t a, std::int64_t b) { return a < 0 || b < 0 || a == b; };
    for (std::size_t i = 0; fits && depth >= 0 && i < updates.rank(); ++i)
      fits = same(updates[i], i < outer ? indices[i] : out[i - outer + static_cast<std::size_t>(depth)]);
    if (!fits)  // scatter_nd_c4: updates = indices' outer dims, then the output's dims that no index names
      return constraint("scatter_nd_c4", "updates " + updates.to_string() + " do not fit indices " + indices.to_string() +
                                             " and the shape " + out.to_string());
  }
  auto type = moved_type(c, "scatter_nd_c5", 1, 0, std::move(out), false);
  if (!type) return std::move(type).error();
  return Types{*std::move(type)};
}

template <class T>
void run(const KernelArgs& args) noexcept {
  const View &indices = args.inputs[0], &updates = args.inputs[1], &out = args.outputs[0];
  const std::int64_t rows = product(indices.shape(), 0, indices.rank() - 1);
  const std::int64_t inner = product(updates.shape(), indices.rank() - 1, updates.rank());
  if (out.bytes > 0) std::memset(out.data, 0, out.bytes);
  for (std::int64_t r = 0; r < rows && inner > 0; ++r) {
    const auto position = tuple_position(args, "scatter_nd", indices, r, out.shape(), false);
    if (!position) return;
    T* to = out.as<T>() + *position;
    const T* from = updates.as<const T>() + r * inner;
    for (std::int64_t j = 0; j < inner; ++j) to[j] = wrapping_add(to[j], from[j]);
  }
}

constexpr std::array kernels{
    kernel(DType::float32, run<float>),      kernel(DType::float64, run<double>),      kernel(DType::int8, run<std::int8_t>),
    kernel(DType::qint8, run<std::int8_t>),  kernel(DType::uint8, run<std::uint8_t>),  kernel(DType::quint8, run<std::uint8_t>),
    kernel(DType::int16, run<std::int16_t>), kernel(DType::qint16, run<std::int16_t>), kernel(DType::int32, run<std::int32_t>),
    kernel(DType::int64, run<std::int64_t>), kernel(DType::boolean, run<bool>),
};
}  // namespace

extern constexpr OpDef scatter_nd{
    .name = "scatter_nd",
    .help = "Zeros of the given shape, to which slices are added at the places that index tuples name.",
    .inputs = "indices updates shape",
    .infer = &infer,
    .reference = kernels,
    .primary = 1,
};

}  // namespace qgraph::ops
