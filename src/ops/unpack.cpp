// unpack: the slices of a tensor along an axis, as outputs without it. TensorFlow Lite's UNPACK.
#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

struct Unpack {
  std::int64_t axis = 0;
};
constexpr std::array attributes{attr<&Unpack::axis>("axis", "negative: from the end")};

Result<Types> infer(const InferContext& c) {
  Shape shape = c.shape(0);
  if (shape.ranked()) {
    const std::int64_t given = c.attributes<Unpack>().axis;
    const auto axis = normalize_axis(given, shape.rank());
    if (!axis)
      return constraint("unpack_c1", "axis " + std::to_string(given) + " is outside of rank " + std::to_string(shape.rank()),
                        Cause::invalid_attribute);
    if (shape[*axis] >= 0 && shape[*axis] != static_cast<std::int64_t>(c.output_count))
      return constraint("unpack_c2", "dimension " + std::to_string(shape[*axis]) + " makes other than " +
                                         std::to_string(c.output_count) + " outputs");
    shape.mutable_dims().erase(shape.mutable_dims().begin() + static_cast<std::ptrdiff_t>(*axis));
  }
  Types types;
  for (std::size_t i = 0; i < c.output_count; ++i) {
    auto type = moved_type(c, "unpack_c3", 0, i, shape);
    if (!type) return std::move(type).error();
    types.push_back(*std::move(type));
  }
  return types;
}

void run(const KernelArgs& args) noexcept {
  const View& in = args.inputs[0];
  const std::size_t axis = *normalize_axis(args.attributes<Unpack>().axis, in.rank());
  const std::int64_t outer = product(in.shape(), 0, axis), inner = product(in.shape(), axis + 1, in.rank());
  const auto n = static_cast<std::int64_t>(args.outputs.size());
  for (std::int64_t o = 0; o < n; ++o)
    if (args.outputs[static_cast<std::size_t>(o)])
      move_elements(
          args,
          [&](const std::byte* from, std::byte* to, int bits) {
            for (std::int64_t k = 0; k < outer; ++k) copy_run(from, (k * n + o) * inner, to, k * inner, inner, bits);
          },
          0, static_cast<std::size_t>(o));
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef unpack{
    .name = "unpack",
    .help = "The slices of a tensor along an axis, each an output without that axis.",
    .outputs = "outputs*",
    .attributes = attribute_table<Unpack>(attributes),
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
