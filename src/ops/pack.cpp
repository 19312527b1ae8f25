// pack: stacks tensors of one shape along a new axis. TensorFlow Lite's PACK.
#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

struct Pack {
  std::int64_t axis = 0;
};
constexpr std::array attributes{attr<&Pack::axis>("axis", "the new axis, of the output; negative: from the end")};

Result<Types> infer(const InferContext& c) {
  if (c.input_count() == 0) return constraint("pack_c1", "there is nothing to stack", Cause::dangling_reference);
  Shape in = Shape::unknown_rank();
  for (std::size_t i = 0; i < c.input_count(); ++i) {
    if (!c.has(i)) return constraint("pack_c1", "input " + std::to_string(i) + " is left out", Cause::dangling_reference);
    if (c.input(i).storage() != c.input(0).storage())
      return constraint("pack_c2",
                        "input " + std::to_string(i) + " is " + std::string(name(c.input(i).storage())) + ", input 0 is " +
                            std::string(name(c.input(0).storage())),
                        Cause::dtype_contradiction);
    const Shape& next = c.shape(i);
    if (!next.ranked()) continue;
    if (!in.ranked()) in = next;
    bool same = in.rank() == next.rank();
    for (std::size_t d = 0; same && d < in.rank(); ++d) {
      if (in[d] == Shape::dynamic) in[d] = next[d];
      same = next[d] == Shape::dynamic || next[d] == in[d];
    }
    if (!same)
      return constraint("pack_c3",
                        "input " + std::to_string(i) + " has the shape " + next.to_string() + ", not " + in.to_string());
  }
  if (!in.ranked()) return moved(c, "pack_c4", std::move(in), false);
  const std::int64_t given = c.attributes<Pack>().axis;
  const auto axis = normalize_axis(given, in.rank() + 1);
  if (!axis)
    return constraint("pack_c5", "axis " + std::to_string(given) + " is outside of rank " + std::to_string(in.rank() + 1),
                      Cause::invalid_attribute);
  auto& dims = in.mutable_dims();
  dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(*axis), static_cast<std::int64_t>(c.input_count()));
  return moved(c, "pack_c4", std::move(in), false);
}

void run(const KernelArgs& args) noexcept {
  const View& out = args.outputs[0];
  const std::size_t axis = *normalize_axis(args.attributes<Pack>().axis, out.rank());
  const std::int64_t outer = product(out.shape(), 0, axis), inner = product(out.shape(), axis + 1, out.rank());
  const int bits = element_bits(out);
  clear_tail(out);
  const auto n = static_cast<std::int64_t>(args.inputs.size());
  for (std::int64_t k = 0; k < outer; ++k)
    for (std::int64_t i = 0; i < n; ++i)
      copy_run(args.inputs[static_cast<std::size_t>(i)].data, k * inner, out.data, (k * n + i) * inner, inner, bits);
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef pack{
    .name = "pack",
    .help = "Stacks tensors of one shape along a new axis.",
    .inputs = "inputs*",
    .attributes = attribute_table<Pack>(attributes),
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
