// fill: a tensor of one value. TensorFlow Lite's FILL.
#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  const auto dims = c.integers(0);
  if (const auto n = c.shape(1).elements(); c.shape(1).is_static() && n != 1)
    return constraint("fill_c1", "the value is not one element");
  Shape out = dims ? Shape(*dims) : open_shape(vector_length(c, 0));
  if (dims)
    for (std::int64_t d : *dims)
      if (!sensible_dim(d)) return constraint("fill_c2", out.to_string() + " is no shape", Cause::invalid_attribute);
  auto type = moved_type(c, "fill_c3", 1, 0, std::move(out));
  if (!type) return std::move(type).error();
  return Types{*std::move(type)};
}

void run(const KernelArgs& args) noexcept {
  const std::int64_t n = args.outputs[0].elements();
  move_elements(
      args, [&](const std::byte* from, std::byte* to, int bits) { fill_run(to, n, from, bits); }, 1, 0);
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef fill{
    .name = "fill",
    .help = "A tensor of the given dimensions, each element the value.",
    .inputs = "dims value",
    .infer = &infer,
    .reference = kernels,
    .primary = 1,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
