// The closed set of changes to a SourceModel. Mends are lists of them; each format's patch writes them into the file's bytes.
#pragma once

#include <variant>

#include "source/source_model.hpp"

namespace qgraph::source {

struct SetDType {
  TensorRef tensor;
  DType dtype;
};
struct SetShape {
  TensorRef tensor;
  Shape shape;
};
struct SetData {
  TensorRef tensor;
  Buffer raw;
};
/// Parameters of a site; makes one beside the tensor where site is past the end.
struct SetQuantization {
  std::size_t site;
  TensorRef tensor;
  Quantization quantization;
};
struct SetAttribute {
  NodeRef node;
  std::string name;
  std::optional<AttributeValue> value;
};  ///< no value: removed
struct SetInput {
  NodeRef node;
  std::uint32_t input;
  TensorRef tensor;
};
struct SetOp {
  NodeRef node;
  std::string op;
  std::string domain;
};
struct SetVersion {
  NodeRef node;
  int version;
};
struct SetDomainVersion {
  std::string domain;
  int version;
};  ///< ONNX: opset import; 0 removes it
struct AddTensor {
  std::uint32_t graph;
  SourceTensor tensor;
  std::string name;
};  ///< becomes the graph's last tensor
struct AddNode {
  std::uint32_t graph;
  std::uint32_t before;
  SourceNode node;
};
struct RemoveNode {
  NodeRef node;
};
struct MoveNode {
  NodeRef node;
  std::uint32_t to;
};  ///< to: index after removal
struct SetGraphInput {
  std::uint32_t graph;
  std::uint32_t position;
  TensorRef tensor;
};
struct SetGraphOutput {
  std::uint32_t graph;
  std::uint32_t position;
  TensorRef tensor;
};
struct SetFileVersion {
  int version;
};
struct SetFileIdentifier {
  std::string identifier;
};

using Edit =
    std::variant<SetDType, SetShape, SetData, SetQuantization, SetAttribute, SetInput, SetOp, SetVersion, SetDomainVersion,
                 AddTensor, AddNode, RemoveNode, MoveNode, SetGraphInput, SetGraphOutput, SetFileVersion, SetFileIdentifier>;

/// Changes the model in memory. Node and tensor references of later edits mean the model as changed by earlier ones.
void apply(Model&, const Edit&);
/// "tensor 'w': dtype float32 -> int8": one line, as `fix` prints it. Call before apply().
std::string describe(const Model&, const Edit&);

}  // namespace qgraph::source
