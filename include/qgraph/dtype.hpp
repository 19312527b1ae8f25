// Element dtypes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "qgraph/export.hpp"

namespace qgraph {

/// The dtype of a tensor's elements.
///
/// `int8` is an integer without a quantization; `qint8` is int8 storage with one (scale, zero_point). A stored tensor has
/// a storage dtype (never a `q` one); a key of the Registry or a kernel may be either. Values are stable: `.qg` stores names.
enum class DType : std::uint8_t {
  unknown = 0,
  float32,
  float16,
  bfloat16,
  float64,
  float8_e4m3fn,
  float8_e4m3fnuz,
  float8_e5m2,
  float8_e5m2fnuz,
  float8_e8m0,
  float4_e2m1,
  boolean,
  int2,
  int4,
  int8,
  int16,
  int32,
  int64,
  uint2,
  uint4,
  uint8,
  uint16,
  uint32,
  uint64,
  complex64,
  complex128,
  string,    ///< packed as TensorFlow Lite packs it: int32 count, count + 1 int32 offsets from the start, the bytes
  resource,  ///< a handle to state of a Session (variable, table); held as int32
  variant,
  qint2,
  qint4,
  qint8,
  qint16,
  qint32,
  qint64,
  quint2,
  quint4,
  quint8,
  quint16,
  quint32,
  custom_begin = 128,  ///< 128..255: encodings a host defines
};

/// "float32", "qint8", ...; "unknown" for `unknown`, "custom128"... for a host's own.
QGRAPH_API std::string_view name(DType) noexcept;
/// The inverse of name(); also "float", "double", "half", "bool". Nothing for other words.
QGRAPH_API std::optional<DType> dtype_from_name(std::string_view) noexcept;

/// Bits of one element: 2, 4, 8, 16, 32, 64, 128; 0 where it has no fixed size (string, variant, unknown, custom).
QGRAPH_API int bits(DType) noexcept;
QGRAPH_API bool is_quantized(DType) noexcept;  ///< qint2..quint32
QGRAPH_API bool is_float(DType) noexcept;      ///< every floating point dtype, 4 to 64 bits
QGRAPH_API bool is_integer(DType) noexcept;    ///< int2..uint64 and their quantized forms; not boolean
QGRAPH_API bool is_signed(DType) noexcept;     ///< a signed integer, or its quantized form
/// qint8 -> int8; a storage dtype is its own.
QGRAPH_API DType storage(DType) noexcept;
/// int8 -> qint8; `unknown` for what cannot hold quantized values.
QGRAPH_API DType quantized(DType) noexcept;
/// The range of an integer dtype of up to 32 bits (and the clamped int64 range of wider ones); {0, 0} for others.
struct IntegerRange {
  std::int64_t min = 0, max = 0;
};
QGRAPH_API IntegerRange integer_range(DType) noexcept;
/// Bytes of `count` elements, sub-byte dtypes packed low bits first without gaps; nothing on overflow or no fixed size.
QGRAPH_API std::optional<std::size_t> byte_size(DType, std::int64_t count) noexcept;

}  // namespace qgraph
