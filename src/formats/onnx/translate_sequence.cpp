// ONNX's sequences of tensors. A sequence's type does not say of what: the node that makes it does.
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
  const auto element = impl.nodes[maker].attribute("element");
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

// An optional that a node of the graph makes, or that is handed in as a tensor, is what it holds.

Result<Outputs> lower_optional(const SourceNode& n, GraphBuilder&) {
  if (!given(n, 0)) return refuse(n, Cause::unsupported_dtype, "an optional that holds nothing is no value");
  return Outputs(n.input(0));
}
Result<Outputs> lower_optional_has_element(const SourceNode& n, GraphBuilder& g) {
  if (given(n, 0) && n.input(0).type().storage() == DType::variant && g.impl().producer[n.input(0).id().value] == Id<NodeTag>::none)
    return refuse(n, Cause::unsupported_dtype, "whether an optional from outside holds anything is known only at run time");
  return Outputs(constant(g, DType::boolean, given(n, 0) ? 1.0 : 0.0));
}

}  // namespace qgraph::formats::onnx
