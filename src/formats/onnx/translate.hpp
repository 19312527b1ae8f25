// What the translate_*.cpp files share: ONNX nodes to canonical ones. One function per op that is not one to one.
#pragma once

#include "source/op_row.hpp"

namespace qgraph::formats::onnx {

using Lowering = Result<Outputs>(const SourceNode&, GraphBuilder&);

// quantization, conv, matmul, normalization, pooling, activations, com.microsoft

// movement, elementwise, reduction, control flow, sequences, random, the rest

}  // namespace qgraph::formats::onnx
