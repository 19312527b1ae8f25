// Reading and writing integers of any storage dtype, sub-byte ones (packed low bits first) included.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "qgraph/dtype.hpp"

namespace qgraph {

/// Element i of packed 2 or 4 bit integers.
inline std::int32_t sub_byte_at(const std::byte* packed, int bits, bool is_signed, std::int64_t i) noexcept {
  const int per_byte = 8 / bits;
  const int value = std::to_integer<int>(packed[i / per_byte]) >> (bits * static_cast<int>(i % per_byte)) & ((1 << bits) - 1);
  return is_signed && value >> (bits - 1) ? value - (1 << bits) : value;
}

/// The dtype with whole bytes that a sub-byte one is unpacked to: int2, int4 -> int8; uint2, uint4 -> uint8; others their own.
inline DType unpacked_dtype(DType dtype) noexcept {
  switch (dtype) {
    case DType::int2:
    case DType::int4: return DType::int8;
    case DType::uint2:
    case DType::uint4: return DType::uint8;
    default: return dtype;
  }
}

/// n packed elements, one per byte of `to`.
inline void unpack_sub_byte(const std::byte* packed, DType storage, std::int64_t n, std::byte* to) noexcept {
  const int width = bits(storage);
  const bool sign = is_signed(storage);
  for (std::int64_t i = 0; i < n; ++i) to[i] = static_cast<std::byte>(sub_byte_at(packed, width, sign, i));
}

template <class T>
T load_as(const std::byte* bytes, std::int64_t i) noexcept {
  T value;
  std::memcpy(&value, bytes + i * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
  return value;
}

/// Element i of an integer tensor of any storage; 0 for other dtypes.
inline std::int64_t integer_at(const std::byte* bytes, DType storage, std::int64_t i) noexcept {
  switch (storage) {
    case DType::int2:
    case DType::int4:
    case DType::uint2:
    case DType::uint4: return sub_byte_at(bytes, bits(storage), is_signed(storage), i);
    case DType::int8: return load_as<std::int8_t>(bytes, i);
    case DType::uint8:
    case DType::boolean: return load_as<std::uint8_t>(bytes, i);
    case DType::int16: return load_as<std::int16_t>(bytes, i);
    case DType::uint16: return load_as<std::uint16_t>(bytes, i);
    case DType::int32: return load_as<std::int32_t>(bytes, i);
    case DType::uint32: return load_as<std::uint32_t>(bytes, i);
    case DType::int64: return load_as<std::int64_t>(bytes, i);
    case DType::uint64: return static_cast<std::int64_t>(load_as<std::uint64_t>(bytes, i));
    default: return 0;
  }
}

/// Writes n values, already in the storage's range, `stride` elements apart from element `first` on. Whole-byte storages.
inline void store_integers(std::byte* bytes, DType storage, std::int64_t first, std::int64_t stride, const std::int32_t* values,
                           std::int64_t n) noexcept {
  const auto store = [&]<class T>(T* out) {
    out += first;
    if (stride == 1)
      for (std::int64_t i = 0; i < n; ++i) out[i] = static_cast<T>(values[i]);
    else
      for (std::int64_t i = 0; i < n; ++i) out[i * stride] = static_cast<T>(values[i]);
  };
  switch (storage) {
    case DType::int8: return store(reinterpret_cast<std::int8_t*>(bytes));
    case DType::uint8: return store(reinterpret_cast<std::uint8_t*>(bytes));
    case DType::int16: return store(reinterpret_cast<std::int16_t*>(bytes));
    case DType::uint16: return store(reinterpret_cast<std::uint16_t*>(bytes));
    case DType::int32: return store(reinterpret_cast<std::int32_t*>(bytes));
    default: return;
  }
}

}  // namespace qgraph
