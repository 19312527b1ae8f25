// transpose: permutes dimensions.
#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

struct Transpose {
  std::vector<std::int64_t> perm{};
};
constexpr std::array attributes{
    attr<&Transpose::perm>("perm", "output dimension i is input dimension perm[i], where no operand says it; none: reversed")};

/// The permutation with negative entries counted from the end; nothing if it is none.
std::optional<Integers> permutation(std::span<const std::int64_t> given, std::size_t rank) noexcept {
  Integers perm;
  perm.count = rank;
  if (rank > max_rank || (!given.empty() && given.size() != rank)) return std::nullopt;
  std::uint32_t seen = 0;
  for (std::size_t i = 0; i < rank; ++i) {
    const auto at = given.empty() ? std::optional(rank - 1 - i) : normalize_axis(given[i], rank);
    if (!at || (seen & (1U << *at)) != 0) return std::nullopt;
    seen |= 1U << *at;
    perm.values[i] = static_cast<std::int64_t>(*at);
  }
  return perm;
}

Result<Types> infer(const InferContext& c) {
  const Shape& in = c.shape(0);
  std::vector<std::int64_t> given = c.attributes<Transpose>().perm;
  if (c.has(1)) {
    const auto values = c.integers(1);
    if (!values) return moved(c, "transpose_c1", in.ranked() ? open_shape(in.rank()) : open_shape(vector_length(c, 1)));
    given = *values;
  }
  if (!in.ranked()) return moved(c, "transpose_c1", open_shape(given.empty() ? std::nullopt : std::optional(given.size())));
  const auto perm = permutation(given, in.rank());
  if (!perm)  // transpose_c2: each dimension once
    return constraint("transpose_c2",
                      Shape(given).to_string() + " is no permutation of " + std::to_string(in.rank()) + " dimensions",
                      Cause::invalid_attribute);
  Shape out = in;
  for (std::size_t i = 0; i < in.rank(); ++i) out[i] = in[static_cast<std::size_t>((*perm)[i])];
  auto type = moved_type(c, "transpose_c1", 0, 0, std::move(out));
  if (!type) return std::move(type).error();
  // Parameters along an axis go where it goes.
  const Quantization* q = c.input(0).quantization();
  if (q && !q->per_tensor() && q->axis >= 0 && type->quantized() && type->quantization()->scales.empty()) {
    Quantization moved_parameters = *q;
    for (std::size_t i = 0; i < in.rank(); ++i)
      if ((*perm)[i] == q->axis) moved_parameters.axis = static_cast<int>(i);
    if (q->block_size == 0) type->element = Quantized(type->storage(), std::move(moved_parameters));
  }
  return Types{*std::move(type)};
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &out = args.outputs[0];
  Integers given;
  if (args.has(1)) {
    given = read_integers(args.inputs[1]);
  } else {
    for (std::int64_t p : args.attributes<Transpose>().perm)
      if (given.count < max_rank) given.values[given.count++] = p;
  }
  const auto perm = permutation(given.span(), in.rank());
  if (!perm) return args.control->fail("transpose: not a permutation of the dimensions");
  const auto in_strides = dense_strides(in.shape()), out_strides = dense_strides(out.shape());
  StridedCopy copy;
  for (std::size_t i = 0; i < in.rank(); ++i) {
    const auto from = static_cast<std::size_t>((*perm)[i]);
    if (in.dim(from) != out.dim(i))
      return args.control->fail("transpose: the permutation changed after the output's shape was fixed");
    copy.add(out.dim(i), in_strides[from], out_strides[i]);
  }
  move_elements(args, [&](const std::byte* from, std::byte* to, int bits) { copy.run(from, to, bits); });
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef transpose{
    .name = "transpose",
    .help = "Permutes dimensions: output dimension i is input dimension perm[i].",
    .inputs = "input perm?",
    .attributes = attribute_table<Transpose>(attributes),
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
