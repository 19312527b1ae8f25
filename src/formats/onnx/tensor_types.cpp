// The numbers of TensorProto.DataType, by position.
#include "formats/onnx/tensor_types.hpp"

#include <algorithm>
#include <array>

namespace qgraph::formats::onnx {
namespace {

constexpr std::array types{
    DType::unknown,
    DType::float32,
    DType::uint8,
    DType::int8,
    DType::uint16,
    DType::int16,
    DType::int32,
    DType::int64,
    DType::string,
    DType::boolean,
    DType::float16,
    DType::float64,
    DType::uint32,
    DType::uint64,
    DType::complex64,
    DType::complex128,
    DType::bfloat16,
    DType::float8_e4m3fn,
    DType::float8_e4m3fnuz,
    DType::float8_e5m2,
    DType::float8_e5m2fnuz,
    DType::uint4,
    DType::int4,
    DType::float4_e2m1,
    DType::float8_e8m0,
    DType::uint2,
    DType::int2,
};

}  // namespace

DType dtype_of(std::int64_t data_type) noexcept {
  return data_type >= 0 && static_cast<std::uint64_t>(data_type) < types.size() ? types[static_cast<std::size_t>(data_type)]
                                                                                : DType::unknown;
}

std::int64_t data_type_of(DType dtype) noexcept {
  const auto at = std::ranges::find(types, storage(dtype));
  return at == types.end() ? 0 : at - types.begin();
}

}  // namespace qgraph::formats::onnx
