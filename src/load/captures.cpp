// Bodies that read values of the graphs around them (ONNX): they are lowered with their node, when the types of those values are
// known, and take them as further inputs. Constants are not handed in: a body has them as its own.
#include "source/captures.hpp"

#include <spdlog/fmt/fmt.h>

#include "load/lowering.hpp"

namespace qgraph {
namespace {

/// The declared type, or where the file is silent the dtype of the operand in the same place (Loop and Scan hand theirs in).
TensorType input_type(const GraphLowering& g, std::size_t position, source::TensorRef t, const Around* around) {
  const TensorType& declared = g.shared.types[t.graph][t.index];
  if (declared.dtype() != DType::unknown || !around) return declared;
  const auto& operands = g.shared.model[around->node].inputs;
  const Value operand = position < operands.size() ? around->outer.value(operands[position]) : Value{};
  return operand ? TensorType(operand.type().element, Shape::unknown_rank()) : declared;
}

}  // namespace

bool add_inputs(GraphLowering& g, const Around* around) {
  const source::SourceGraph& source = g.source();
  bool whole = true;
  for (std::size_t i = 0; i < source.inputs.size(); ++i) {
    const source::TensorRef t = source.inputs[i];
    const bool own = t && t.graph == g.graph;
    TensorType type = own ? input_type(g, i, t, around) : TensorType(DType::unknown, Shape::unknown_rank());
    if (!own || g.shared.broken_tensor[g.graph][t.index] || type.dtype() == DType::unknown) {
      whole = false;
      if (own) g.poisoned[t.index] = true;
      continue;
    }
    g.values[t.index] = g.builder.input(std::string(g.shared.model[t].name), std::move(type));
    g.builder.impl().tensors.back().source_index = t.index;
  }
  if (!around) return whole;
  for (const source::TensorRef t : around->captures) {
    const Value v = around->outer.value(t);
    if (v)
      g.captured[t] = g.builder.input(std::string(g.shared.model[t].name), v.type());
    else
      whole = false;
  }
  return whole;
}

bool lower_bodies(GraphLowering& g, source::NodeRef ref, std::vector<Value>& values) {
  const source::Model& model = g.shared.model;
  const source::SourceNode& node = model[ref];
  if (node.bodies.empty()) return true;
  std::vector<source::TensorRef> captures;
  for (const source::TensorRef t : source::captures_of_bodies(model, ref)) {
    if (model[t].data.exists()) continue;
    captures.push_back(t);
    values.push_back(g.value(t));
    if (!values.back()) return false;
  }
  bool whole = true;
  const Around around{g, ref, captures};
  for (const std::uint32_t body : node.bodies)
    if (body < model.graphs.size() && model.graphs[body].parent == ref.graph && body > ref.graph)
      whole = lower_graph(g.shared, body, &around) && whole;
  return whole;
}

}  // namespace qgraph
