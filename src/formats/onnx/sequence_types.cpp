// What sequences and optionals hold: the file says it in their types, nodes that take something out need not repeat it.
#include "formats/onnx/reading.hpp"
#include "formats/onnx/tensor_types.hpp"

namespace qgraph::formats::onnx {
namespace {

using source::TensorRef;

/// A TypeProto: a tensor's dtype, or what a sequence or an optional holds.
struct Type {
  DType dtype = DType::unknown;
  bool sequence = false, optional = false;
  Bytes held{};
};
Type read_type(Bytes message) {
  Type type;
  for_each_field(message, [&](const Field& f) {
    if (f.wire != Wire::length || (f.number != 1 && f.number != 4 && f.number != 9)) return;
    type.sequence = f.number == 4;
    type.optional = f.number == 9;
    for_each_field(f.bytes, [&](const Field& p) {
      if (f.number == 1 && p.is(1, Wire::varint)) type.dtype = dtype_of(p.integer());
      if (f.number != 1 && p.is(1, Wire::length)) type.held = p.bytes;
    });
  });
  return type;
}

const Bytes* type_of(const Reading& r, TensorRef t) {
  const auto found = t ? r.variant_types.find(t) : r.variant_types.end();
  return found == r.variant_types.end() ? nullptr : &found->second;
}

/// The tensor whose sequence output `o` of the node has the type of; none where it is not another's.
TensorRef like(const Reading& r, const source::SourceNode& n, std::size_t o) {
  const auto of_body = [&](std::size_t skip) {
    if (n.bodies.empty()) return source::no_tensor;
    const auto& outputs = r.model.graphs[n.bodies[0]].outputs;
    return o + skip < outputs.size() ? outputs[o + skip] : source::no_tensor;
  };
  if (n.op == "If") return of_body(0);
  if (n.op == "Loop") return of_body(1);
  const bool same = n.op == "Identity" || n.op == "SequenceInsert" || n.op == "SequenceErase" || n.op == "Optional";
  return same && o == 0 && !n.inputs.empty() ? n.inputs[0] : source::no_tensor;
}

}  // namespace

void declare_taken(Reading& r, std::uint32_t graph) {
  if (r.variant_types.empty()) return;
  for (const source::SourceNode& n : r.model.graphs[graph].nodes) {
    if (n.domain != "ai.onnx") continue;
    for (std::size_t o = 0; o < n.outputs.size(); ++o)
      if (const TensorRef t = n.outputs[o]; t && !type_of(r, t))
        if (const Bytes* type = type_of(r, like(r, n, o))) r.variant_types[t] = *type;
    const bool gets = n.op == "OptionalGetElement";
    if ((!gets && n.op != "SequenceAt" && n.op != "ConcatFromSequence") || n.inputs.empty() || n.outputs.empty() || !n.outputs[0])
      continue;
    const Bytes* of = type_of(r, n.inputs[0]);
    source::SourceTensor& out = r.model[n.outputs[0]];
    if (!of || out.declared || out.data.exists()) continue;
    const Type whole = read_type(*of);
    const Bytes taken = gets && !whole.optional ? *of : whole.held;
    const Type type = read_type(taken);
    if (type.sequence && gets) r.variant_types[n.outputs[0]] = taken;
    out.dtype = type.sequence ? DType::variant : type.dtype;
    out.declared = out.dtype != DType::unknown;
  }
}

}  // namespace qgraph::formats::onnx
