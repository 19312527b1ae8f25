// Numbers of a document as the bytes of a tensor, and back.
#pragma once

#include <optional>
#include <string>

#include "formats/qgraph_json/document.hpp"
#include "qgraph/tensor.hpp"

namespace qgraph::formats::qgraph_json {

/// Dimensions of a nested list; fails where it is ragged. A number alone is a scalar.
Result<Shape> shape_of(const Document&, const Json& list);
/// The numbers of a (nested) list, or {"base64": text}, in row-major order as bytes of this dtype. Fails, at the number, with
/// QG3203 on one that the dtype cannot hold, and with QG1405 where there are not as many as the shape takes.
Result<Buffer> bytes_of(const Document&, const Json& data, DType dtype, const Shape& shape);
/// [1, 2, -1]
Result<Shape> read_shape(const Document&, const Json& list);
/// A dtype's name; fails with QG1404 on another word.
Result<DType> read_dtype(const Document&, const Json& word);

/// Are all numbers of a (nested) list whole, and which is the largest and smallest? Nothing where something is no number.
struct Extent {
  bool whole = true;
  double min = 0, max = 0;
  std::size_t count = 0;
};
std::optional<Extent> extent_of(const Json& list);

std::string base64(std::span<const std::byte> bytes);
/// Nothing where it is not base64.
std::optional<std::vector<std::byte>> from_base64(std::string_view text);

}  // namespace qgraph::formats::qgraph_json
