// DType::string as TensorFlow Lite packs it: int32 count, count + 1 int32 offsets from the start of the buffer, the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace qgraph::ops {

/// A checked view of packed strings: every access stays within the bytes.
class StringTensor {
 public:
  /// Nothing where the bytes are no packed strings. An empty buffer holds no strings.
  static std::optional<StringTensor> read(std::span<const std::byte> bytes) noexcept;
  std::int64_t size() const noexcept { return count_; }
  std::string_view operator[](std::int64_t i) const noexcept;

 private:
  std::int32_t word(std::int64_t i) const noexcept;
  std::span<const std::byte> bytes_{};
  std::int64_t count_ = 0;
};

/// Bytes that these strings take when packed; nothing where an offset would not fit 31 bits.
std::optional<std::size_t> packed_bytes(std::span<const std::string_view> strings) noexcept;
/// Packs them; `out` has room for packed_bytes(strings).
void pack_strings(std::span<const std::string_view> strings, std::byte* out) noexcept;

}  // namespace qgraph::ops
