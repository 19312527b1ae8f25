// TensorProto.DataType and our dtypes.
#pragma once

#include "qgraph/dtype.hpp"

namespace qgraph::formats::onnx {

DType dtype_of(std::int64_t data_type) noexcept;  ///< unknown for numbers that this build does not know
std::int64_t data_type_of(DType dtype) noexcept;  ///< 0 where ONNX has none; of a quantized dtype, its storage's

}  // namespace qgraph::formats::onnx
