// Models of one op from tensors that are fed and constants.
#pragma once

#include "kernels/random_layers.hpp"

namespace qgraph::test {

inline TensorType quantized(Random& r, DType stored, Shape shape) {
  return {Quantized(stored, r.scale(-8, 2), r.zero_point(stored)), std::move(shape)};
}
inline TensorType of_any_shape(TensorType type) {
  type.shape = Shape::unknown_rank();
  return type;
}

/// `fed` are inputs, `known` are constants behind them.
inline Case one_op(std::string_view op, const std::vector<Tensor>& known, const std::vector<Tensor>& fed, Attributes attributes,
                   const TensorType& out) {
  GraphBuilder g;
  Case made{.inputs = fed, .text = std::string(op)};
  std::vector<Value> operands;
  for (const Tensor& t : fed) {
    operands.push_back(g.input("x" + std::to_string(operands.size()), t.type));
    made.text += " " + t.type.to_string();
  }
  for (const Tensor& t : known) operands.push_back(g.constant(t.type, t.data));
  for (const auto& [name, value] : attributes) {
    made.text += " " + name;
    if (const auto* number = std::get_if<std::int64_t>(&value)) made.text += "=" + std::to_string(*number);
    if (const auto* text = std::get_if<std::string>(&value)) made.text += "=" + *text;
  }
  g.set_outputs({g.add(op, operands, std::move(attributes), {out})});
  made.model = Model({.graphs = {g.finish().value()}});
  return made;
}

inline Tensor integers(std::initializer_list<std::int32_t> values) {
  return {DType::int32, Shape{static_cast<std::int64_t>(values.size())},
          std::span<const std::int32_t>(values.begin(), values.size())};
}

}  // namespace qgraph::test
