// The two tables of dtypes, one row each.
#include "formats/tflite/tensor_types.hpp"

#include <algorithm>
#include <array>

namespace qgraph::formats::tflite {
namespace {

using T = schema::TensorType;
struct Row {
  T file;
  DType dtype;
};
constexpr std::array rows{
    Row{T::FLOAT32, DType::float32},
    Row{T::FLOAT16, DType::float16},
    Row{T::INT32, DType::int32},
    Row{T::UINT8, DType::uint8},
    Row{T::INT64, DType::int64},
    Row{T::STRING, DType::string},
    Row{T::BOOL, DType::boolean},
    Row{T::INT16, DType::int16},
    Row{T::COMPLEX64, DType::complex64},
    Row{T::INT8, DType::int8},
    Row{T::FLOAT64, DType::float64},
    Row{T::COMPLEX128, DType::complex128},
    Row{T::UINT64, DType::uint64},
    Row{T::RESOURCE, DType::resource},
    Row{T::VARIANT, DType::variant},
    Row{T::UINT32, DType::uint32},
    Row{T::UINT16, DType::uint16},
    Row{T::INT4, DType::int4},
    Row{T::BFLOAT16, DType::bfloat16},
    Row{T::INT2, DType::int2},
    Row{T::UINT4, DType::uint4},
    Row{T::FLOAT8_E4M3FN, DType::float8_e4m3fn},
    Row{T::FLOAT8_E5M2, DType::float8_e5m2},
};

}  // namespace

DType dtype_of(schema::TensorType type) noexcept {
  const auto row = std::ranges::find(rows, type, &Row::file);
  return row == rows.end() ? DType::unknown : row->dtype;
}

std::optional<schema::TensorType> tensor_type_of(DType dtype) noexcept {
  const auto row = std::ranges::find(rows, storage(dtype), &Row::dtype);
  if (row == rows.end()) return std::nullopt;
  return row->file;
}

}  // namespace qgraph::formats::tflite
