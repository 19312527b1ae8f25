// TFLite's TensorType and ours.
#pragma once

#include <optional>

#include "formats/tflite/state.hpp"

namespace qgraph::formats::tflite {

/// DType::unknown for numbers that the schema does not have.
DType dtype_of(schema::TensorType type) noexcept;
/// Nothing for dtypes that TFLite cannot name.
std::optional<schema::TensorType> tensor_type_of(DType dtype) noexcept;

}  // namespace qgraph::formats::tflite
