// gather: slices of the input along an axis, by number. TensorFlow Lite's GATHER, ONNX's Gather.
#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

struct Gather {
  std::int64_t axis = 0, batch_dims = 0;
  bool negative_indices = false;
};
constexpr std::array attributes{
    attr<&Gather::axis>("axis", "negative: from the end"),
    attr<&Gather::batch_dims>("batch_dims",
                              "leading dimensions that input and indices share; negative: from the end of the indices"),
    attr<&Gather::negative_indices>("negative_indices", "negative indices count from the end (ONNX); else they are errors"),
};

struct Axes {
  std::size_t axis, batch;
};
std::optional<Axes> axes(const Gather& a, std::size_t rank, std::size_t indices_rank) noexcept {
  const auto axis = normalize_axis(a.axis, rank);
  const std::int64_t batch = a.batch_dims + (a.batch_dims < 0 ? static_cast<std::int64_t>(indices_rank) : 0);
  if (!axis || batch < 0 || batch > static_cast<std::int64_t>(std::min(*axis, indices_rank))) return std::nullopt;
  return Axes{*axis, static_cast<std::size_t>(batch)};
}

Result<Types> infer(const InferContext& c) {
  const Shape &in = c.shape(0), &indices = c.shape(1);
  if (!is_integer(c.input(1).storage()) && c.input(1).storage() != DType::unknown)
    return constraint("gather_c1", "indices are " + std::string(name(c.input(1).storage())), Cause::unsupported_dtype);
  if (!in.ranked() || !indices.ranked()) return moved(c, "gather_c2", Shape::unknown_rank());
  const auto at = axes(c.attributes<Gather>(), in.rank(), indices.rank());
  if (!at)
    return constraint("gather_c3", "axis or batch_dims do not fit " + in.to_string() + " and " + indices.to_string(),
                      Cause::invalid_attribute);
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < at->batch; ++i)
    if (in[i] >= 0 && indices[i] >= 0 && in[i] != indices[i])
      return constraint("gather_c4",
                        "batch dimension " + std::to_string(i) + " differs: " + in.to_string() + " and " + indices.to_string());
  for (std::size_t i = 0; i < at->axis; ++i) out.push_back(in[i] < 0 && i < at->batch ? indices[i] : in[i]);
  for (std::size_t i = at->batch; i < indices.rank(); ++i) out.push_back(indices[i]);
  for (std::size_t i = at->axis + 1; i < in.rank(); ++i) out.push_back(in[i]);
  return moved(c, "gather_c2", Shape(std::move(out)));
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &indices = args.inputs[1];
  const Gather& a = args.attributes<Gather>();
  const auto at = axes(a, in.rank(), indices.rank());
  if (!at) return args.control->fail("gather: axis or batch_dims do not fit the shapes");
  const std::int64_t batches = product(in.shape(), 0, at->batch), outer = product(in.shape(), at->batch, at->axis);
  const std::int64_t size = in.dim(at->axis), inner = product(in.shape(), at->axis + 1, in.rank());
  const std::int64_t count = product(indices.shape(), at->batch, indices.rank());
  bool failed = false;
  const auto mover = [&](const std::byte* from, std::byte* to, int bits) {
    for (std::int64_t b = 0; b < batches; ++b)
      for (std::int64_t k = 0; k < count; ++k) {
        std::int64_t index = integer_at(indices, b * count + k);
        if (a.negative_indices && index < 0) index += size;
        if (index < 0 || index >= size) {
          if (!failed) fail_index(args, "gather", index, size);
          failed = true;
          return;
        }
        for (std::int64_t o = b * outer; o < (b + 1) * outer; ++o)
          copy_run(from, (o * size + index) * inner, to, (o * count + k) * inner, inner, bits);
      }
  };
  move_elements(args, mover);
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef gather{
    .name = "gather",
    .help = "The input's slices along an axis in the order of the indices. An index outside of the axis ends the run.",
    .inputs = "input indices",
    .attributes = attribute_table<Gather>(attributes),
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
