// Messages written anew: tensors, attributes, declarations of values.
#pragma once

#include "formats/onnx/message_edit.hpp"
#include "qgraph/graph.hpp"

namespace qgraph::formats::onnx {

/// Elements into a TensorProto, in place of all that it stored before.
void write_elements(MessageEdit& tensor, DType dtype, Bytes raw);
void write_dims(MessageEdit& tensor, const Shape& shape);
/// name, type and value of an AttributeProto.
void write_attribute(MessageEdit& attribute, std::string_view name, const AttributeValue& value);
/// The element type of a ValueInfoProto.
void write_dtype(MessageEdit& value_info, DType dtype);
/// Its shape; dimensions that stay open keep their names.
void write_shape(MessageEdit& value_info, const Shape& shape);

}  // namespace qgraph::formats::onnx
