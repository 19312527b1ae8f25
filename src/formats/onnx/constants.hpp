// TensorProto and SparseTensorProto: what they declare, and their elements however they are stored.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "formats/onnx/state.hpp"

namespace qgraph::formats::onnx {

/// A TensorProto's fields, as spans of it.
struct TensorMessage {
  std::vector<std::int64_t> dims{};
  std::int64_t data_type = 0;
  std::string_view name{};
  std::optional<Bytes> raw{};
  bool external = false;
  bool lists = false;                                                    ///< some of the typed lists has elements
  bool reals = false;                                                    ///< float_data is among them
  std::vector<std::pair<std::string_view, std::string_view>> entries{};  ///< of external_data
  Bytes message{};
};
TensorMessage read_tensor(Bytes message);

struct SparseMessage {
  TensorMessage values{}, indices{};
  std::vector<std::int64_t> dims{};
};
SparseMessage read_sparse(Bytes message);

/// Elements as they lie in a Graph, from raw_data or the typed lists; as many as are stored. Copied but for raw_data that is
/// aligned.
Buffer elements_of(const TensorMessage& tensor, const Buffer& file);
/// Strings packed as DType::string says.
std::vector<std::byte> packed_strings(std::span<const std::string> texts);
/// At an address where kernels can read elements of this dtype.
bool lies_aligned(Bytes bytes, DType dtype) noexcept;
/// An upper bound of what elements_of() copies.
std::uint64_t decoded_size(const TensorMessage& tensor) noexcept;
/// A tensor as an attribute's value; nothing where its data are elsewhere or do not fit its shape.
std::optional<Tensor> tensor_value(Bytes message, const Buffer& file);
/// The dense elements; fails on indices outside of the shape.
Result<Buffer> dense_elements(const SparseMessage& sparse, const Buffer& file, std::uint64_t limit);

/// decode functions of Constants.
Result<Buffer> decode_tensor(const source::Model& model, const source::SourceTensor& tensor);
Result<Buffer> decode_sparse(const source::Model& model, const source::SourceTensor& tensor);

}  // namespace qgraph::formats::onnx
