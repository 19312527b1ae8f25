// Checked access to bytes of a file: every bounds check of the readers is in here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace qgraph {

/// Little-endian reads at absolute offsets. Nothing where they leave the bytes.
class ByteReader {
 public:
  constexpr explicit ByteReader(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}

  constexpr std::uint64_t size() const noexcept { return bytes_.size(); }
  constexpr bool fits(std::uint64_t offset, std::uint64_t length) const noexcept {
    return offset <= bytes_.size() && length <= bytes_.size() - offset;
  }

  template <class T>
  requires std::is_trivially_copyable_v<T> std::optional<T> at(std::uint64_t offset)
  const noexcept {
    if (!fits(offset, sizeof(T))) return std::nullopt;
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }

  constexpr std::optional<std::span<const std::byte>> slice(std::uint64_t offset, std::uint64_t length) const noexcept {
    if (!fits(offset, length)) return std::nullopt;
    return bytes_.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
  }

  std::optional<std::string_view> text(std::uint64_t offset, std::uint64_t length) const noexcept {
    const auto s = slice(offset, length);
    if (!s) return std::nullopt;
    return std::string_view(reinterpret_cast<const char*>(s->data()), s->size());
  }

  /// The bytes at offset begin with these.
  bool starts_with(std::string_view expected, std::uint64_t offset = 0) const noexcept {
    const auto s = text(offset, expected.size());
    return s && *s == expected;
  }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace qgraph
