// gather_nd: slices of the input by index tuples. TensorFlow Lite's GATHER_ND, ONNX's GatherND without batch dimensions.
#include "ops/op_def.hpp"
#include "ops/support/indexed.hpp"

namespace qgraph::ops {
namespace {

struct GatherNd { bool negative_indices = false; };
constexpr std::array attributes{
    attr<&GatherNd::negative_indices>("negative_indices", "negative indices count from the end (ONNX); else they are errors")};

Result<Types> infer(const InferContext& c) {
  const Shape &in = c.shape(0), &indices = c.shape(1);
  if (!is_integer(c.input(1).storage()) && c.input(1).storage() != DType::unknown)
    return constraint("gather_nd_c1", "indices are " + std::string(name(c.input(1).storage())), Cause::unsupported_dtype);
  if (!in.ranked() || !indices.ranked()) return moved(c, "gather_nd_c2", Shape::unknown_rank());
  if (in.rank() == 0 || indices.rank() == 0) return constraint("gather_nd_c3", "input and indices have at least one dimension");
  const std::int64_t depth = indices[indices.rank() - 1];
  if (depth < 0) return moved(c, "gather_nd_c2", Shape::unknown_rank());
  if (depth > static_cast<std::int64_t>(in.rank()))
    return constraint("gather_nd_c4", "index tuples of " + std::to_string(depth) + " for " + std::to_string(in.rank()) +
        " dimensions");
  std::vector<std::int64_t> out(indices.begin(), indices.end() - 1);
  for (auto i = static_cast<std::size_t>(depth); i < in.rank(); ++i) out.push_back(in[i]);
  return moved(c, "gather_nd_c2", Shape(std::move(out)));
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &indices = args.inputs[1];
  const auto depth = static_cast<std::size_t>(indices.dim(indices.rank() - 1));
  const std::int64_t rows = product(indices.shape(), 0, indices.rank() - 1), inner = product(in.shape(), depth, in.rank());
  move_elements(args, [&](const std::byte* from, std::byte* to, int bits) {
    for (std::int64_t r = 0; r < rows && inner > 0; ++r) {
      const auto position = tuple_position(args, "gather_nd", indices, r, in.shape(),
          args.attributes<GatherNd>().negative_indices);
      if (!position) return;
      copy_run(from, *position, to, r * inner, inner, bits);
    }
  });
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef gather_nd{
    .name = "gather_nd",
    .help = "The input's slices named by index tuples, the indices' last dimension. An index outside ends the run.",
    .inputs = "input indices",
    .attributes = attribute_table<GatherNd>(attributes),
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
