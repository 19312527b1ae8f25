// What ONNX's own definitions say of the dtypes of values, whatever a file declares of them.
#pragma once

#include <optional>

#include "source/uses.hpp"

namespace qgraph::diagnose {

/// The op is defined for floats alone: by its kernels where the op table names the canonical op, else by ONNX's operator schema.
bool defined_for_floats(const source::Model& model, const source::SourceNode& node);
/// The dtype of a value by what makes it: constants, graph inputs, nodes that fix a dtype or keep that of their input. Nothing
/// where that is not known.
std::optional<DType> dtype_made(const source::Model& model, const source::Uses& uses, source::TensorRef value);

/// A quantizing node can write these: integers of up to 16 bits, floats of up to 8.
bool can_be_quantized_to(DType dtype);
/// The floats that an op of floats alone makes, by whichever of its operands is known.
std::optional<DType> floats_made(const source::Model& model, const source::Uses& uses, source::NodeRef node);
/// The integers that a dequantizing node turns into this value; else the value itself.
source::TensorRef behind_dequantize(const source::Model& model, const source::Uses& uses, source::TensorRef value);

/// The same through a QuantizeLinear in front of it too: a tensor of the same shape.
source::TensorRef behind_quantization(const source::Model& model, const source::Uses& uses, source::TensorRef value);

}  // namespace qgraph::diagnose
