// concat_from_sequence: ONNX's ConcatFromSequence: the tensors of a sequence joined along an axis, or along a new one.
#include "ops/support/movement.hpp"
#include "ops/support/sequence.hpp"

namespace qgraph::ops::onnx {
namespace {

struct ConcatFromSequence : SequenceOf {
  std::int64_t axis = 0;
  bool new_axis = false;
};
constexpr std::array attributes{
    attr<&SequenceOf::element>("element", "dtype of the sequence's tensors"),
    attr<&ConcatFromSequence::axis>("axis", "of the result; negative: from the end"),
    attr<&ConcatFromSequence::new_axis>("new_axis", "the tensors stand side by side along an axis that they lack"),
};

Result<Types> infer(const InferContext& c) {
  if (c.input(0).storage() != DType::variant)
    return constraint("concat_from_sequence_c1", "the operand is no sequence", Cause::dtype_contradiction);
  return Types{TensorType(c.attributes<ConcatFromSequence>().element, Shape::unknown_rank())};
}

void run(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<ConcatFromSequence>();
  auto items = sequence_operand(args, 0);
  if (!items) return;
  if (items->empty()) return args.control->fail("concat_from_sequence: the sequence is empty");
  const std::size_t rank = items->front().shape.rank() + (a.new_axis ? 1 : 0);
  const auto axis = normalize_axis(a.axis, rank);
  if (!axis) return args.control->fail("concat_from_sequence: the axis is outside of the rank");
  const int width = bits(items->front().dtype);
  if (width < 8) return args.control->fail("concat_from_sequence: such elements cannot be joined", Cause::unsupported_dtype);
  SequenceItem out{items->front().dtype, {}, {}};
  std::int64_t sum = 0;
  for (SequenceItem& item : *items) {
    if (a.new_axis) {
      auto& dims = item.shape.mutable_dims();
      dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(*axis), 1);
    }
    bool fits = item.dtype == out.dtype && item.shape.rank() == rank;
    for (std::size_t d = 0; fits && d < rank; ++d) fits = d == *axis || item.shape[d] == items->front().shape[d];
    if (!fits) return args.control->fail("concat_from_sequence: the tensors do not fit each other", Cause::shape_mismatch);
    sum += item.shape[*axis];
  }
  out.shape = items->front().shape;
  out.shape[*axis] = sum;
  const std::int64_t outer = product(out.shape, 0, *axis), inner = product(out.shape, *axis + 1, rank);
  std::byte* to =
      args.control->resize(0, TensorType(out.dtype, out.shape), static_cast<std::size_t>(outer * sum * inner * (width / 8)));
  if (!to) return;
  std::int64_t at = 0;
  for (const SequenceItem& item : *items) {
    const std::int64_t count = item.shape[*axis] * inner;
    if (item.bytes.size() < static_cast<std::size_t>(outer * count * (width / 8)))
      return args.control->fail("concat_from_sequence: a tensor lacks bytes");
    for (std::int64_t o = 0; o < outer; ++o) copy_run(item.bytes.data(), o * count, to, o * sum * inner + at, count, width);
    at += count;
  }
}

constexpr std::array kernels{kernel(DType::variant, run)};
}  // namespace

extern constexpr OpDef concat_from_sequence{
    .name = "onnx.concat_from_sequence",
    .help = "The sequence's tensors joined along an axis, or a new one.",
    .inputs = "sequence",
    .attributes = attribute_table<ConcatFromSequence>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
