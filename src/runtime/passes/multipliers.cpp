// A depthwise convolution that makes several channels of each is a convolution in groups, for which there are fast kernels:
// weights [1, h, w, channels] are [h, w, 1, channels] as they lie.
#include <algorithm>

#include "runtime/passes/pass.hpp"

namespace qgraph::runtime::passes {
namespace {

bool concerns(const Graph& graph) {
  return std::ranges::any_of(graph.nodes(), [](const Node& node) { return node.op && node.op->name == "depthwise_conv_2d"; });
}

bool grouped(Draft& draft, const Node& node) {
  if (!node.op || node.op->name != "depthwise_conv_2d" || node.inputs.size() < 2) return false;
  const TensorId x = node.inputs[0], weights = node.inputs[1], out = node.outputs[0];
  const bool constant_bias = node.inputs.size() < 3 || !node.inputs[2] || draft.constant(node.inputs[2]);
  if (!draft.constant(weights) || !constant_bias || !quantized_bytes(draft.type(x)) || !quantized_bytes(draft.type(out)))
    return false;
  const TensorType& type = draft.type(weights);
  if (!type.quantized() || bits(type.storage()) != 8 || type.shape.rank() != 4 || type.shape[0] != 1) return false;
  const Quantization& q = *type.quantization();
  if (q.block_size != 0 || (q.axis != 3 && !q.per_tensor())) return false;
  const Shape& shape = draft.shape(x);
  if (shape.rank() != 4 || shape[3] <= 0 || type.shape[3] <= shape[3] || type.shape[3] % shape[3] != 0) return false;
  Attributes attributes = node.all_attributes();
  attributes.set("groups", shape[3]);
  attributes.set("filter_layout", std::string("hwio"));
  std::vector<TensorId> inputs = node.inputs;
  inputs[1] =
      draft.constant(TensorType(type.element, Shape{type.shape[1], type.shape[2], 1, type.shape[3]}), draft.tensor(weights).data);
  return static_cast<bool>(draft.add(node, {"conv_2d", std::move(inputs), std::move(attributes)}, draft.type(out).element, out));
}

void run(Draft& draft) {
  draft.sweep([&](Node& node) {
    if (!grouped(draft, node)) draft.keep(std::move(node));
  });
}

}  // namespace

extern constexpr Pass multipliers{.name = "multipliers", .concerns = concerns, .run = run};

}  // namespace qgraph::runtime::passes
