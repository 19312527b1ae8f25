// reshape: the same elements under another shape. TensorFlow Lite's RESHAPE, ONNX's Reshape.
#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

struct Reshape {
  std::vector<std::int64_t> shape{};
  bool zero_copies = false;
};
constexpr std::array attributes{
    attr<&Reshape::shape>("shape", "the new shape where no operand gives it; one -1 takes what is left"),
    attr<&Reshape::zero_copies>("zero_copies", "a 0 stands for the input's dimension at its place (ONNX)"),
};

Result<Types> infer(const InferContext& c) {
  const Reshape& a = c.attributes<Reshape>();
  std::vector<std::int64_t> target = a.shape;
  if (c.has(1)) {
    const auto values = c.integers(1);
    if (!values) return moved(c, "reshape_c1", open_shape(vector_length(c, 1)));
    target = *values;
  }
  const Shape& in = c.shape(0);
  std::optional<std::size_t> open;
  std::int64_t known = 1;
  bool dynamic = false;
  for (std::size_t i = 0; i < target.size(); ++i) {
    std::int64_t& d = target[i];
    if (d == 0 && a.zero_copies) {
      if (in.ranked() && i >= in.rank())
        return constraint("reshape_c2", "dimension " + std::to_string(i) + " copies one that the input lacks");
      if (!in.ranked() || in[i] < 0) {
        d = Shape::dynamic;
        dynamic = true;
        continue;
      }
      d = in[i];
    } else if (d == -1) {  // reshape_c3: at most one -1
      if (open) return constraint("reshape_c3", "more than one dimension of the new shape is -1", Cause::invalid_attribute);
      open = i;
      continue;
    }
    const auto next = d < 0 ? std::nullopt : multiply_checked(known, d);
    if (!next)
      return constraint("reshape_c3", "the new shape " + Shape(target).to_string() + " is no shape", Cause::invalid_attribute);
    known = *next;
  }
  const auto elements = in.is_static() ? in.elements() : std::nullopt;
  if (elements && !dynamic) {  // reshape_c4: as many elements as before
    if (open) target[*open] = known == 0 ? 0 : *elements / known;
    if (known * (open ? target[*open] : 1) != *elements)
      return constraint("reshape_c4", std::to_string(*elements) + " elements of " + in.to_string() + " do not fit the shape " +
                                          Shape(target).to_string());
  }
  return moved(c, "reshape_c1", Shape(std::move(target)));
}

constexpr std::array kernels{kernel(DType::unknown, copy_bytes)};
}  // namespace

extern constexpr OpDef reshape{
    .name = "reshape",
    .help = "The same elements in the same order under another shape.",
    .inputs = "input shape?",
    .attributes = attribute_table<Reshape>(attributes),
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
