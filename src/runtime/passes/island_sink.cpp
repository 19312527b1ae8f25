// What moves elements without looking at them does so with bytes as well: the dequantization comes behind it.
#include <algorithm>

#include "runtime/passes/islands.hpp"

namespace qgraph::runtime::passes {
namespace {

/// Ops whose first operand is moved, whole elements, whatever they are. A maximum of windows is one of the elements too.
bool moves(std::string_view op) {
  constexpr std::string_view list[] = {"broadcast_to", "depth_to_space", "expand_dims",
                                       "gather",       "gather_nd",      "max_pool_2d",
                                       "onnx.slice",   "reshape",        "resize_nearest_neighbor",
                                       "reverse",      "slice",          "space_to_depth",
                                       "squeeze",      "strided_slice",  "tile",
                                       "transpose"};
  return std::ranges::find(list, op) != std::ranges::end(list);
}

bool nearest(const Node& node) {
  return node.op->name == "onnx.resize" && says(node, "mode", "nearest") && !says(node, "coordinates", "tf_crop_and_resize");
}

bool concatenation(Draft& draft, const Node& node) {
  std::vector<TensorId> parts;
  for (TensorId real : node.inputs) {
    parts.push_back(dequantized(draft, real));
    if (!parts.back() || draft.type(parts.back()).element != draft.type(parts[0]).element) return false;
  }
  const ElementType element = draft.type(parts[0]).element;
  const TensorId moved = draft.add(node, {"concatenation", parts, attributes_with(node, {})}, element);
  return moved && draft.add(node, {"dequantize", {moved}, {}}, Plain{DType::float32}, node.outputs[0]);
}

bool split(Draft& draft, const Node& node) {
  const TensorId bytes = dequantized(draft, node.inputs[0]);
  if (!bytes || draft.constant(bytes)) return false;
  for (TensorId t : node.outputs)
    if (!t || draft.type(t).dtype() != DType::float32) return false;
  std::vector<TensorId> inputs = node.inputs;
  inputs[0] = bytes;
  const std::vector<TensorId> parts =
      draft.add_parts(node, {node.op->name, inputs, attributes_with(node, {})}, draft.type(bytes).element, node.outputs.size());
  for (std::size_t i = 0; i < parts.size(); ++i)
    draft.add(node, {"dequantize", {parts[i]}, {}}, Plain{DType::float32}, node.outputs[i]);
  return !parts.empty();
}

}  // namespace

bool sink(Draft& draft, const Node& node) {
  if (!node.op || node.host || !node.bodies.empty() || node.inputs.empty() || !node.inputs[0]) return false;
  if (node.op->name == "split") return split(draft, node);
  if (node.outputs.size() != 1) return false;
  if (node.op->reads_shapes_only) {
    const TensorId bytes = dequantized(draft, node.inputs[0]);
    if (!bytes || draft.constant(bytes)) return false;
    std::vector<TensorId> inputs = node.inputs;
    inputs[0] = bytes;
    return static_cast<bool>(draft.add(node, {node.op->name, inputs, attributes_with(node, {})},
                                       draft.type(node.outputs[0]).element, node.outputs[0]));
  }
  if (draft.type(node.outputs[0]).dtype() != DType::float32) return false;
  if (node.op->name == "concatenation") return concatenation(draft, node);
  if (!moves(node.op->name) && !nearest(node)) return false;
  const TensorId bytes = dequantized(draft, node.inputs[0]);
  if (!bytes || draft.constant(bytes)) return false;
  std::vector<TensorId> inputs = node.inputs;
  inputs[0] = bytes;
  const ElementType element = draft.type(bytes).element;
  const TensorId moved = draft.add(node, {node.op->name, inputs, attributes_with(node, {})}, element);
  return moved && draft.add(node, {"dequantize", {moved}, {}}, Plain{DType::float32}, node.outputs[0]);
}

}  // namespace qgraph::runtime::passes
