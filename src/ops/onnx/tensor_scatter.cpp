// tensor_scatter: ONNX's TensorScatter: a cache with an update written into each batch entry from its own place on.
#include <cstring>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::onnx {
namespace {

struct TensorScatter {
  std::int64_t axis = -2;
  bool circular = false;
};
constexpr std::array attributes{
    attr<&TensorScatter::axis>("axis", "of the sequence; negative: from the end"),
    attr<&TensorScatter::circular>("circular", "behind the end the cache begins again"),
};

Result<Types> infer(const InferContext& c) {
  const Shape &cache = c.shape(0), &update = c.shape(1);
  if (c.input(0).storage() != c.input(1).storage() && c.input(0).storage() != DType::unknown &&
      c.input(1).storage() != DType::unknown)
    return constraint("tensor_scatter_c1", "cache and update are of two dtypes", Cause::dtype_contradiction);
  if (cache.ranked() && update.ranked()) {
    const auto axis = normalize_axis(c.attributes<TensorScatter>().axis, cache.rank());
    bool fits = axis && *axis > 0 && cache.rank() == update.rank();
    for (std::size_t d = 0; fits && d < cache.rank(); ++d)
      fits = cache[d] < 0 || update[d] < 0 || (d == *axis ? update[d] <= cache[d] : update[d] == cache[d]);
    if (!fits)
      return constraint("tensor_scatter_c2", "the update " + update.to_string() + " does not fit the cache " + cache.to_string());
    if (c.has(2) && c.shape(2).ranked() &&
        (c.shape(2).rank() != 1 || (c.shape(2)[0] >= 0 && cache[0] >= 0 && c.shape(2)[0] != cache[0])))
      return constraint("tensor_scatter_c3", "the indices are not one for each batch entry");
  }
  return moved(c, "tensor_scatter_c4", cache, false);
}

void run(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<TensorScatter>();
  const View &in = args.inputs[0], &update = args.inputs[1], &out = args.outputs[0];
  const auto axis = normalize_axis(a.axis, in.rank());
  if (!axis || *axis == 0) return args.control->fail("tensor_scatter: the axis is none of the sequence");
  if (out.bytes > 0) std::memcpy(out.data, in.data, out.bytes);
  const std::int64_t size = in.dim(*axis), length = update.dim(*axis), inner = product(in.shape(), *axis + 1, in.rank());
  const std::int64_t outer = product(in.shape(), 1, *axis);
  for (std::int64_t b = 0; b < in.dim(0); ++b) {
    const std::int64_t first = args.has(2) ? integer_at(args.inputs[2], b) : 0;
    if (length > 0 && (first < 0 || (a.circular ? first > (std::int64_t{1} << 62) : first > size - length)))
      return fail_index(args, "tensor_scatter", first, size - length + 1);
    for (std::int64_t o = b * outer; o < (b + 1) * outer; ++o)
      for (std::int64_t k = 0; k < length; ++k)
        copy_run(update.data, (o * length + k) * inner, out.data, (o * size + (first + k) % size) * inner, inner,
                 element_bits(in));
  }
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef tensor_scatter{
    .name = "onnx.tensor_scatter",
    .help = "The cache, in which the update stands from each batch entry's index on along the axis.",
    .inputs = "cache update indices?",
    .attributes = attribute_table<TensorScatter>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
