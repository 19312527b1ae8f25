// scatter_nd: ONNX's ScatterND: the input with slices, named by index tuples, replaced or combined with updates.
#include "ops/support/indexed.hpp"
#include "ops/support/scatter.hpp"

namespace qgraph::ops::onnx {
namespace {

struct ScatterNd {
  ScatterReduction reduction = ScatterReduction::none;
};
constexpr std::array attributes{attr<&ScatterNd::reduction>("reduction", "how an update meets what is there")};

Result<Types> infer(const InferContext& c) {
  const Shape &in = c.shape(0), &indices = c.shape(1), &updates = c.shape(2);
  if (!is_integer(c.input(1).storage()) && c.input(1).storage() != DType::unknown)
    return constraint("scatter_nd_c1", "indices are " + std::string(name(c.input(1).storage())), Cause::unsupported_dtype);
  if (c.input(2).storage() != c.input(0).storage() && c.input(0).storage() != DType::unknown &&
      c.input(2).storage() != DType::unknown)
    return constraint("scatter_nd_c2", "input and updates are of two dtypes", Cause::dtype_contradiction);
  if (in.is_static() && indices.is_static() && updates.is_static()) {
    const auto depth = indices.rank() == 0 ? std::int64_t{-1} : indices[indices.rank() - 1];
    bool fits = depth >= 0 && depth <= static_cast<std::int64_t>(in.rank());
    if (fits) {
      std::vector<std::int64_t> wanted(indices.begin(), indices.end() - 1);
      for (auto d = static_cast<std::size_t>(depth); d < in.rank(); ++d) wanted.push_back(in[d]);
      fits = updates == Shape(std::move(wanted));
    }
    if (!fits)
      return constraint("scatter_nd_c3", "updates " + updates.to_string() + " and indices " + indices.to_string() +
                                             " do not fit the input " + in.to_string());
  }
  return moved(c, "scatter_nd_c4", in, false);
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &indices = args.inputs[1], &out = args.outputs[0];
  if (out.bytes > 0) std::memcpy(out.data, in.data, out.bytes);
  const auto depth = static_cast<std::size_t>(indices.dim(indices.rank() - 1));
  const std::int64_t rows = product(indices.shape(), 0, indices.rank() - 1), inner = product(in.shape(), depth, in.rank());
  for (std::int64_t r = 0; r < rows && inner > 0; ++r) {
    const auto position = tuple_position(args, "scatter_nd", indices, r, in.shape(), true);
    if (!position) return;
    scatter_run(out, *position, args.inputs[2], r * inner, inner, args.attributes<ScatterNd>().reduction);
  }
}

constexpr std::array kernels{kernel(DType::unknown, run, prepare_scatter<ScatterNd>)};
}  // namespace

extern constexpr OpDef scatter_nd{
    .name = "onnx.scatter_nd",
    .help = "The input, in which each slice that an index tuple names is replaced by its update, or combined with it.",
    .inputs = "input indices updates",
    .attributes = attribute_table<ScatterNd>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
