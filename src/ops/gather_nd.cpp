// gather_nd: slices of the input by index tuples. TensorFlow Lite's GATHER_ND, ONNX's GatherND.
#include "ops/op_def.hpp"
#include "ops/support/indexed.hpp"

namespace qgraph::ops {
namespace {

struct GatherNd {
  bool negative_indices = false;
  std::int64_t batch_dims = 0;
};
constexpr std::array attributes{
    attr<&GatherNd::batch_dims>("batch_dims", "leading dimensions that input and indices share"),
    attr<&GatherNd::negative_indices>("negative_indices", "negative indices count from the end (ONNX); else they are errors")};

Result<Types> infer(const InferContext& c) {
  const Shape &in = c.shape(0), &indices = c.shape(1);
  if (!is_integer(c.input(1).storage()) && c.input(1).storage() != DType::unknown)
    return constraint("gather_nd_c1", "indices are " + std::string(name(c.input(1).storage())), Cause::unsupported_dtype);
  if (!in.ranked() || !indices.ranked()) return moved(c, "gather_nd_c2", Shape::unknown_rank());
  if (in.rank() == 0 || indices.rank() == 0) return constraint("gather_nd_c3", "input and indices have at least one dimension");
  const std::int64_t depth = indices[indices.rank() - 1], batch = c.attributes<GatherNd>().batch_dims;
  if (batch < 0 || batch >= static_cast<std::int64_t>(std::min(in.rank(), indices.rank())))
    return constraint("gather_nd_c5",
                      std::to_string(batch) + " batch dimensions do not fit " + in.to_string() + " and " + indices.to_string(),
                      Cause::invalid_attribute);
  for (std::size_t i = 0; i < static_cast<std::size_t>(batch); ++i)
    if (in[i] >= 0 && indices[i] >= 0 && in[i] != indices[i])
      return constraint("gather_nd_c5",
                        "batch dimension " + std::to_string(i) + " differs: " + in.to_string() + " and " + indices.to_string());
  if (depth < 0) return moved(c, "gather_nd_c2", Shape::unknown_rank());
  if (depth > static_cast<std::int64_t>(in.rank()) - batch)
    return constraint("gather_nd_c4",
                      "index tuples of " + std::to_string(depth) + " for " + std::to_string(in.rank()) + " dimensions");
  std::vector<std::int64_t> out(indices.begin(), indices.end() - 1);
  for (auto i = static_cast<std::size_t>(depth + batch); i < in.rank(); ++i) out.push_back(in[i]);
  return moved(c, "gather_nd_c2", Shape(std::move(out)));
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &indices = args.inputs[1];
  const auto batch = static_cast<std::size_t>(args.attributes<GatherNd>().batch_dims);
  const auto depth = static_cast<std::size_t>(indices.dim(indices.rank() - 1));
  const std::int64_t rows = product(indices.shape(), 0, indices.rank() - 1);
  const std::int64_t inner = product(in.shape(), batch + depth, in.rank()), step = product(in.shape(), batch, in.rank());
  const std::int64_t batch_rows = product(indices.shape(), batch, indices.rank() - 1);
  const Shape within(in.shape().dims().subspan(batch));
  move_elements(args, [&](const std::byte* from, std::byte* to, int bits) {
    for (std::int64_t r = 0; r < rows && inner > 0; ++r) {
      const auto position = tuple_position(args, "gather_nd", indices, r, within, args.attributes<GatherNd>().negative_indices);
      if (!position) return;
      copy_run(from, r / batch_rows * step + *position, to, r * inner, inner, bits);
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
