// compress: ONNX's Compress: the slices along an axis for which a condition is true.
#include <algorithm>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops::onnx {
namespace {

struct Compress {
  std::int64_t axis = 0;
  bool flat = false;
};
constexpr std::array attributes{
    attr<&Compress::axis>("axis", "negative: from the end"),
    attr<&Compress::flat>("flat", "the input is taken as a vector, whatever its shape"),
};

std::optional<std::int64_t> kept(const InferContext& c, std::int64_t limit) {
  const auto values = c.integers(1);
  if (!values) return std::nullopt;
  std::int64_t n = 0;
  for (std::size_t i = 0; i < values->size() && static_cast<std::int64_t>(i) < limit; ++i) n += (*values)[i] != 0;
  return n;
}

Result<Types> infer(const InferContext& c) {
  const auto& a = c.attributes<Compress>();
  if (c.input(1).storage() != DType::boolean && c.input(1).storage() != DType::unknown)
    return constraint("compress_c1", "the condition is " + std::string(name(c.input(1).storage())), Cause::dtype_contradiction);
  if (c.shape(1).ranked() && c.shape(1).rank() != 1) return constraint("compress_c2", "the condition is no vector");
  const Shape& in = c.shape(0);
  constexpr std::int64_t any = std::numeric_limits<std::int64_t>::max();
  if (a.flat)
    return moved(c, "compress_c3", Shape{in.is_static() ? kept(c, in.elements().value_or(any)).value_or(-1) : -1}, false);
  if (!in.ranked()) return moved(c, "compress_c3", Shape::unknown_rank(), false);
  const auto axis = normalize_axis(a.axis, in.rank());
  if (!axis) return constraint("compress_c4", "the axis is outside of " + in.to_string(), Cause::invalid_attribute);
  Shape out = in;
  out[*axis] = in[*axis] < 0 ? Shape::dynamic : kept(c, in[*axis]).value_or(Shape::dynamic);
  return moved(c, "compress_c3", std::move(out), false);
}

void run(const KernelArgs& args) noexcept {
  const auto& a = args.attributes<Compress>();
  const View &in = args.inputs[0], &condition = args.inputs[1], &out = args.outputs[0];
  const std::size_t axis = a.flat ? 0 : *normalize_axis(a.axis, in.rank());
  const std::int64_t outer = a.flat ? 1 : product(in.shape(), 0, axis), size = a.flat ? in.elements() : in.dim(axis);
  const std::int64_t inner = a.flat ? 1 : product(in.shape(), axis + 1, in.rank()), n = std::min(size, condition.elements());
  const std::int64_t room = out.elements();
  const int bits = element_bits(in);
  clear_tail(out);
  std::int64_t at = 0;
  for (std::int64_t o = 0; o < outer; ++o)
    for (std::int64_t i = 0; i < n; ++i) {
      if (condition.as<std::uint8_t>()[i] == 0) continue;
      if (at + inner > room) return args.control->fail("compress: the output has another shape");
      copy_run(in.data, (o * size + i) * inner, out.data, at, inner, bits);
      at += inner;
    }
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef compress{
    .name = "onnx.compress",
    .help = "The slices along an axis, or the elements, whose condition is true.",
    .inputs = "input condition",
    .attributes = attribute_table<Compress>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
