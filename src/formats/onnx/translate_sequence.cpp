// ONNX's sequences of tensors. A sequence's type does not say of what: the node that makes it does.
#include <algorithm>

#include "formats/onnx/tensor_types.hpp"
#include "formats/onnx/translate.hpp"
#include "formats/onnx/translate_support.hpp"
#include "graph/builder_impl.hpp"

namespace qgraph::formats::onnx {
namespace {

/// The dtype of a sequence's tensors, from the node that makes it; unknown where it comes from outside.
DType element_of(GraphBuilder& g, const Value& sequence) {
  if (!sequence) return DType::unknown;
  const auto& impl = g.impl();
  const std::uint32_t maker = impl.producer[sequence.id().value];
  if (maker == Id<NodeTag>::none) return DType::unknown;
  const Node& node = impl.nodes[maker];
  if (const auto elements = node.attribute("elements"))
    if (const auto* words = std::get_if<std::vector<std::string>>(&*elements))
      for (std::size_t o = 0; o < std::min(words->size(), node.outputs.size()); ++o)
        if (node.outputs[o] == sequence.id()) return dtype_from_name((*words)[o]).value_or(DType::unknown);
  const auto element = node.attribute("element");
  const auto* word = element ? std::get_if<std::string>(&*element) : nullptr;
  return word ? dtype_from_name(*word).value_or(DType::unknown) : DType::unknown;
}

Attributes element(DType dtype) {
  Attributes a;
  if (dtype != DType::unknown) a.set("element", std::string(name(dtype)));
  return a;
}

/// What a node takes out of a sequence: as declared of the output, else as the sequence's maker says.
DType taken(const SourceNode& n, GraphBuilder& g) {
  const DType known = element_of(g, n.input(0));
  return known != DType::unknown ? known : n.output_type(0).storage();
}

}  // namespace

Result<Outputs> lower_sequence_construct(const SourceNode& n, GraphBuilder& g) {
  std::vector<Value> tensors;
  for (std::size_t i = 0; i < n.input_count(); ++i) tensors.push_back(n.input(i));
  const DType dtype = n.op() == "SequenceEmpty" ? dtype_of(n.integer("dtype", 1))
                      : given(n, 0)             ? n.input(0).type().storage()
                                                : DType::unknown;
  return g.add("onnx.sequence_construct", std::move(tensors), element(dtype));
}
Result<Outputs> lower_sequence_insert(const SourceNode& n, GraphBuilder& g) {
  return g.add("onnx.sequence_insert", {n.input(0), n.input(1), n.input(2)},
               element(given(n, 1) ? n.input(1).type().storage() : DType::unknown));
}
Result<Outputs> lower_sequence_erase(const SourceNode& n, GraphBuilder& g) {
  return g.add("onnx.sequence_erase", {n.input(0), n.input(1)}, element(element_of(g, n.input(0))));
}
Result<Outputs> lower_sequence_at(const SourceNode& n, GraphBuilder& g) {
  return g.add("onnx.sequence_at", {n.input(0), n.input(1)}, element(taken(n, g)));
}
Result<Outputs> lower_split_to_sequence(const SourceNode& n, GraphBuilder& g) {
  Attributes a = element(given(n, 0) ? n.input(0).type().storage() : DType::unknown);
  a.set("axis", n.integer("axis"));
  a.set("keepdims", n.integer("keepdims", 1));
  return g.add("onnx.split_to_sequence", {n.input(0), n.input(1)}, std::move(a));
}
Result<Outputs> lower_concat_from_sequence(const SourceNode& n, GraphBuilder& g) {
  Attributes a = element(taken(n, g));
  a.set("axis", n.integer("axis"));
  a.set("new_axis", n.integer("new_axis"));
  return g.add("onnx.concat_from_sequence", {n.input(0)}, std::move(a));
}

/// One body, whose outputs say what the sequences hold.
Result<Outputs> lower_sequence_map(const SourceNode& n, GraphBuilder& g) {
  std::vector<Value> operands;
  for (std::size_t i = 0; i < n.input_count(); ++i) operands.push_back(n.input(i));
  for (const Value v : n.captures()) operands.push_back(v);
  Attributes a{{"captures", static_cast<std::int64_t>(n.captures().size())}};
  std::vector<std::string> elements;
  for (const GraphId body : n.bodies())
    if (body.value < g.impl().model->graph_outputs.size())
      for (const TensorType& t : g.impl().model->graph_outputs[body.value]) elements.emplace_back(name(t.storage()));
  a.set("elements", std::move(elements));
  return g.add("onnx.sequence_map", std::move(operands), std::move(a),
               std::vector<TensorType>(n.output_count(), TensorType(DType::variant, Shape{})), n.bodies());
}

// An optional of which the graph says that it holds something, is what it holds. Another is a DType::variant.

Result<Outputs> lower_optional(const SourceNode& n, GraphBuilder& g) {
  if (given(n, 0) && (n.input(0).type().storage() == DType::variant || n.output_type(0).storage() != DType::variant))
    return Outputs(n.input(0));
  return g.add("onnx.optional", {n.input(0)}, element(given(n, 0) ? n.input(0).type().storage() : DType::unknown));
}
Result<Outputs> lower_optional_get_element(const SourceNode& n, GraphBuilder& g) {
  if (!given(n, 0)) return refuse(n, Cause::dangling_reference, "OptionalGetElement lacks its operand");
  if (n.input(0).type().storage() != DType::variant) return Outputs(n.input(0));
  if (n.output_type(0).storage() == DType::variant)
    return g.add("onnx.optional_get_element", {n.input(0)}, element(element_of(g, n.input(0))));
  const DType dtype = taken(n, g);
  if (dtype == DType::unknown) return refuse(n, Cause::unsupported_dtype, "the file does not say what the optional holds");
  return g.add("onnx.sequence_at", {n.input(0), constant(g, DType::int64, 0.0)}, element(dtype));
}
Result<Outputs> lower_optional_has_element(const SourceNode& n, GraphBuilder& g) {
  if (given(n, 0) && n.input(0).type().storage() == DType::variant) return g.add("onnx.optional_has_element", {n.input(0)});
  return Outputs(constant(g, DType::boolean, given(n, 0) ? 1.0 : 0.0));
}

}  // namespace qgraph::formats::onnx
