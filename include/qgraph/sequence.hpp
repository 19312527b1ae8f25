// ONNX's sequences and optionals where a Session takes or gives them: DType::variant tensors that hold tensors.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "qgraph/graph.hpp"

namespace qgraph {

/// A value that holds these tensors, whose bytes are copied. Of an optional that holds one tensor, a list of one.
QGRAPH_API Tensor sequence_of(std::span<const Tensor> items);
/// An optional that holds nothing.
QGRAPH_API Tensor empty_optional();
/// What a value holds; the tensors borrow its bytes. Nothing where it is no sequence: also of an optional that holds nothing.
QGRAPH_API std::optional<std::vector<Tensor>> sequence_items(const TensorView& value);

}  // namespace qgraph
