// split_to_sequence: ONNX's SplitToSequence: the parts of a tensor along an axis as a sequence.
#include <algorithm>

#include "ops/support/movement.hpp"
#include "ops/support/sequence.hpp"

namespace qgraph::ops::onnx {
namespace {

struct SplitToSequence : SequenceOf {
  std::int64_t axis = 0;
  bool keepdims = true;
};
constexpr std::array attributes{
    attr<&SequenceOf::element>("element", "dtype of the sequence's tensors"),
    attr<&SplitToSequence::axis>("axis", "negative: from the end"),
    attr<&SplitToSequence::keepdims>("keepdims", "without sizes: the axis stays, with size 1"),
};

Result<Types> infer(const InferContext& c) {
  const Shape& in = c.shape(0);
  if (in.ranked() && !normalize_axis(c.attributes<SplitToSequence>().axis, in.rank()))
    return constraint("split_to_sequence_c1", "the axis is outside of " + in.to_string(), Cause::invalid_attribute);
  if (bits(c.input(0).storage()) < 8 && c.input(0).storage() != DType::unknown)
    return constraint("split_to_sequence_c2", "elements are " + std::string(name(c.input(0).storage())),
                      Cause::unsupported_dtype);
  return Types{TensorType(DType::variant, Shape{})};
}

void run(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<SplitToSequence>();
  const View& in = args.inputs[0];
  const auto axis = normalize_axis(a.axis, in.rank());
  if (!axis) return args.control->fail("split_to_sequence: the axis is outside of the input's rank");
  const std::int64_t whole = in.dim(*axis), outer = product(in.shape(), 0, *axis),
                     inner = product(in.shape(), *axis + 1, in.rank());
  std::vector<std::int64_t> sizes;
  if (!args.has(1)) {
    sizes.assign(static_cast<std::size_t>(whole), 1);
  } else if (args.inputs[1].rank() == 0) {
    const std::int64_t each = integer_at(args.inputs[1], 0);
    if (each < 1) return args.control->fail("split_to_sequence: the parts have no size");
    for (std::int64_t at = 0; at < whole; at += each) sizes.push_back(std::min(each, whole - at));
  } else {
    std::int64_t sum = 0;
    for (std::int64_t i = 0; i < args.inputs[1].elements(); ++i) {
      sizes.push_back(integer_at(args.inputs[1], i));
      if (sizes.back() < 0 || sizes.back() > whole - sum)
        return args.control->fail("split_to_sequence: the parts do not make the whole");
      sum += sizes.back();
    }
    if (sum != whole) return args.control->fail("split_to_sequence: the parts do not make the whole");
  }
  const int width = element_bits(in);
  std::vector<std::vector<std::byte>> parts;
  Sequence items;
  std::int64_t at = 0;
  for (const std::int64_t size : sizes) {
    auto& part = parts.emplace_back(static_cast<std::size_t>(outer * size * inner * (width / 8)));
    for (std::int64_t o = 0; o < outer; ++o)
      copy_run(in.data, (o * whole + at) * inner, part.data(), o * size * inner, size * inner, width);
    at += size;
    SequenceItem item{in.type->storage(), in.shape(), part};
    if (args.has(1) || a.keepdims)
      item.shape[*axis] = size;
    else
      item.shape.mutable_dims().erase(item.shape.mutable_dims().begin() + static_cast<std::ptrdiff_t>(*axis));
    items.push_back(std::move(item));
  }
  give_sequence(args, 0, items);
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef split_to_sequence{
    .name = "onnx.split_to_sequence",
    .help = "The parts of the input along an axis: of the given sizes, of one size (the last may be smaller), or single slices.",
    .inputs = "input split?",
    .attributes = attribute_table<SplitToSequence>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
