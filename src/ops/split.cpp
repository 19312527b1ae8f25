// split: cuts a tensor along an axis into as many parts as the node has outputs. TensorFlow Lite's SPLIT and
// SPLIT_V, ONNX's Split.
#include <algorithm>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

struct Split {
  std::int64_t axis = 0;
  bool uneven = false;
};
constexpr std::array attributes{
    attr<&Split::axis>("axis", "where no operand gives it; negative: from the end"),
    attr<&Split::uneven>("uneven", "without sizes: the last part may be smaller (ONNX)"),
};

/// Every output of the input's shape but for the axis, where `part(i)` is the size.
template <class Part>
Result<Types> parts(const InferContext& c, std::optional<std::size_t> axis, const Part& part) {
  Types types;
  for (std::size_t i = 0; i < c.output_count; ++i) {
    Shape shape = axis ? c.shape(0) : c.shape(0).ranked() ? open_shape(c.shape(0).rank()) : Shape::unknown_rank();
    if (axis) shape[*axis] = part(i);
    auto type = moved_type(c, "split_c1", 0, i, std::move(shape));
    if (!type) return std::move(type).error();
    types.push_back(*std::move(type));
  }
  return types;
}

Result<Types> infer(const InferContext& c) {
  const Shape& in = c.shape(0);
  std::int64_t given = c.attributes<Split>().axis;
  const auto unknown = [](std::size_t) { return Shape::dynamic; };
  if (c.has(2)) {
    const auto values = c.integers(2);
    if (!values) return parts(c, std::nullopt, unknown);
    if (values->size() != 1) return constraint("split_c2", "the axis is not one number");
    given = (*values)[0];
  }
  if (!in.ranked()) return parts(c, std::nullopt, unknown);
  const auto axis = normalize_axis(given, in.rank());
  if (!axis)
    return constraint("split_c2", "axis " + std::to_string(given) + " is outside of rank " + std::to_string(in.rank()),
                      Cause::invalid_attribute);
  const std::int64_t whole = in[*axis];
  if (!c.has(1)) {
    if (whole < 0) return parts(c, axis, unknown);
    const auto count = static_cast<std::int64_t>(c.output_count);
    if (count > 0 && c.attributes<Split>().uneven) {
      const std::int64_t size = whole / count + (whole % count != 0 ? 1 : 0);
      return parts(c, axis,
                   [&](std::size_t i) { return std::clamp<std::int64_t>(whole - static_cast<std::int64_t>(i) * size, 0, size); });
    }
    if (count == 0 || whole % count != 0)  // split_c3: equal parts
      return constraint("split_c3",
                        "dimension " + std::to_string(whole) + " cannot be cut into " + std::to_string(count) + " equal parts");
    return parts(c, axis, [&](std::size_t) { return whole / count; });
  }
  auto sizes = c.integers(1);
  if (!sizes) return parts(c, axis, unknown);
  if (sizes->size() != c.output_count)
    return constraint("split_c4", std::to_string(sizes->size()) + " sizes for " + std::to_string(c.output_count) + " outputs");
  std::optional<std::size_t> open;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < sizes->size(); ++i) {
    const std::int64_t size = (*sizes)[i];
    if (size == -1 && !open)
      open = i;
    else if (!sensible_dim(size))
      return constraint("split_c4", "size " + std::to_string(size) + " is none", Cause::invalid_attribute);
    else
      sum += size;
  }
  if (whole >= 0 && (open ? sum > whole : sum != whole))  // split_c5: the sizes make the whole
    return constraint("split_c5", "the sizes sum to " + std::to_string(sum) + ", the dimension is " + std::to_string(whole));
  if (open) (*sizes)[*open] = whole < 0 ? Shape::dynamic : whole - sum;
  return parts(c, axis, [&](std::size_t i) { return (*sizes)[i]; });
}

void run(const KernelArgs& args) noexcept {
  const View& in = args.inputs[0];
  const std::int64_t given = args.has(2) ? integer_at(args.inputs[2], 0) : args.attributes<Split>().axis;
  const auto axis = normalize_axis(given, in.rank());
  if (!axis) return args.control->fail("split: the axis is outside of the input's rank");
  const std::int64_t outer = product(in.shape(), 0, *axis), inner = product(in.shape(), *axis + 1, in.rank());
  const std::int64_t row = in.dim(*axis) * inner;
  std::int64_t at = 0;
  for (std::size_t o = 0; o < args.outputs.size(); ++o) {
    if (!args.outputs[o]) continue;
    const std::int64_t count = args.outputs[o].dim(*axis) * inner;
    if (at + count > row || args.outputs[o].elements() != outer * count)
      return args.control->fail("split: the parts do not make the whole");
    move_elements(
        args,
        [&](const std::byte* from, std::byte* to, int bits) {
          for (std::int64_t k = 0; k < outer; ++k) copy_run(from, k * row + at, to, k * count, count, bits);
        },
        0, o);
    at += count;
  }
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef split{
    .name = "split",
    .help = "Cuts a tensor along an axis into parts of the given sizes, or into equal ones.",
    .inputs = "input sizes? axis?",
    .outputs = "outputs*",
    .attributes = attribute_table<Split>(attributes),
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
