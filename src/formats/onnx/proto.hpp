// Protobuf's wire format, field by field, over bytes that are not trusted: every bounds check is in here. Nothing is copied.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace qgraph::formats::onnx {

using Bytes = std::span<const std::byte>;

enum class Wire : std::uint8_t { varint = 0, fixed64 = 1, length = 2, group = 3, group_end = 4, fixed32 = 5 };

/// What is wrong with a message.
enum class Flaw : std::uint8_t { none, cut_off, varint_too_long, field_zero, wire_type, group_end, too_deep };

/// One field of a message. `bytes`: of a length-delimited one; `value`: of the others, its bits.
struct Field {
  std::uint32_t number = 0;
  Wire wire = Wire::varint;
  std::uint64_t value = 0;
  Bytes bytes{};
  Bytes whole{};  ///< with its tag and length, as stored

  bool is(std::uint32_t n, Wire w) const noexcept { return number == n && wire == w; }
  std::int64_t integer() const noexcept { return static_cast<std::int64_t>(value); }
  std::string_view text() const noexcept { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
};

/// A varint of up to ten bytes from `at`, which moves behind it. Nothing: cut off, or more than 64 bits.
std::optional<std::uint64_t> read_varint(Bytes bytes, std::size_t& at, Flaw& flaw) noexcept;

/// Walks the fields of one message. Groups are passed over whole.
class MessageReader {
 public:
  explicit MessageReader(Bytes message) noexcept : bytes_(message) {}
  /// The next field; false at the end, and where the message is malformed.
  bool next(Field& field) noexcept;
  Flaw flaw() const noexcept { return flaw_; }
  std::size_t position() const noexcept { return at_; }  ///< behind the last field, or where the flaw is

 private:
  bool skip_group(std::uint32_t number) noexcept;
  bool read_tag(std::uint32_t& number, Wire& wire) noexcept;
  bool read_value(Field& field) noexcept;

  Bytes bytes_;
  std::size_t at_ = 0;
  Flaw flaw_ = Flaw::none;
};

/// Calls f with every field up to the first flaw.
template <class F>
void for_each_field(Bytes message, F&& f) {
  MessageReader reader(message);
  for (Field field; reader.next(field);) f(field);
}

/// Adds the numbers of a repeated integer field, packed or not.
void append_integers(const Field& field, std::vector<std::int64_t>& out);
/// The same of fixed-width numbers: T is float or double.
template <class T>
void append_fixed(const Field& field, std::vector<T>& out) {
  constexpr Wire single = sizeof(T) == 4 ? Wire::fixed32 : Wire::fixed64;
  if (field.wire == single) {
    T value;
    std::memcpy(&value, &field.value, sizeof(T));
    out.push_back(value);
  } else if (field.wire == Wire::length) {
    const std::size_t count = field.bytes.size() / sizeof(T), from = out.size();
    out.resize(from + count);
    if (count > 0) std::memcpy(out.data() + from, field.bytes.data(), count * sizeof(T));
  }
}
static_assert(std::endian::native == std::endian::little);

}  // namespace qgraph::formats::onnx
