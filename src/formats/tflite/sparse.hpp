// Sparse constants made dense.
#pragma once

#include "formats/tflite/state.hpp"

namespace qgraph::formats::tflite {

/// Constant::decode of a tensor with sparsity: its origin is the offset of its table.
Result<Buffer> decode_sparse(const source::Model& model, const source::SourceTensor& tensor);
/// Dense bytes that the tensor's shape and dtype take; nothing where they cannot be had.
std::optional<std::uint64_t> dense_bytes(const source::SourceTensor& tensor);

}  // namespace qgraph::formats::tflite
