// Type rules of binary ops.
#include "ops/support/binary.hpp"

#include <cmath>

namespace qgraph {
namespace {

bool per_tensor(const TensorType& type) noexcept {
  const Quantization* q = type.quantization();
  return q == nullptr || (q->scales.size() <= 1 && q->block_size == 0);
}

Result<Shape> common_shape(const InferContext& c, std::string_view op, Meets meets) {
  const TensorType &a = c.input(0), &b = c.input(1);
  const std::string name(op);
  if (a.storage() != b.storage() && a.storage() != DType::unknown && b.storage() != DType::unknown)
    return constraint(name + "_c1",
                      "operands are " + std::string(qgraph::name(a.dtype())) + " and " + std::string(qgraph::name(b.dtype())),
                      Cause::dtype_contradiction);
  const auto shape = broadcast(a.shape, b.shape);
  if (!shape)
    return constraint(name + "_c2", "shapes " + a.shape.to_string() + " and " + b.shape.to_string() + " do not broadcast");
  if (meets == Meets::scaled) {
    if (a.quantized() != b.quantized() && a.storage() != DType::unknown && b.storage() != DType::unknown)
      return constraint(name + "_c3", "one operand is quantized, the other is plain " + std::string(qgraph::name(a.storage())),
                        Cause::missing_quantization);
    if (!per_tensor(a) || !per_tensor(b))
      return constraint(name + "_c3", "operands are quantized per axis", Cause::invalid_quantization);
  }
  return *shape;
}

}  // namespace

Result<Types> infer_binary(const InferContext& c, std::string_view op, Meets meets) {
  auto shape = common_shape(c, op, meets);
  if (!shape) return shape.error();
  const bool second = c.input(0).storage() == DType::unknown || (meets == Meets::stored && !c.input(0).quantized());
  return Types{c.output(0, c.input(second ? 1 : 0).element, *std::move(shape))};
}

Result<Types> infer_comparison(const InferContext& c, std::string_view op, Meets meets) {
  auto shape = common_shape(c, op, meets);
  if (!shape) return shape.error();
  return Types{TensorType(DType::boolean, *std::move(shape))};
}

Status check_scales(const PrepareContext& c, std::size_t count, bool output) {
  const auto sound = [](const TensorType& type) {
    return type.quantized() && type.quantization()->per_tensor() && std::isfinite(type.scale()) && type.scale() > 0;
  };
  bool all = !output || sound(*c.outputs[0].type);
  for (std::size_t i = 0; i < count; ++i) all = all && sound(*c.inputs[i].type);
  if (all) return Done{};
  return failure("QG4101", Cause::invalid_quantization, "operands and result need one positive scale each");
}

}  // namespace qgraph
