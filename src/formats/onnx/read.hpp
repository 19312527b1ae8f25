// The reader of ONNX models.
#pragma once

#include "formats/format.hpp"

namespace qgraph::formats::onnx {
std::unique_ptr<source::Model> read(ReadContext& context);
/// The bytes are a ModelProto as far as its outermost fields show.
bool looks_like_model(std::span<const std::byte> bytes) noexcept;
}  // namespace qgraph::formats::onnx
