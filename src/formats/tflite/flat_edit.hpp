// Changes to a flatbuffer's bytes that leave all else as it is. Scalars that are stored are written in place; whatever needs room
// is appended at the end (offsets point forward) and the offset that led to it is redirected. Only the root table cannot move
// there, since it leads to everything: where it must grow, a new one is put in front, and all that follows shifts as a whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/tflite/reflect.hpp"

namespace qgraph::formats::tflite {

/// A table by the offset that leads to it, which stays where it is when the table moves.
struct TableRef {
  const reflection::Object* type = nullptr;
  std::size_t slot = 0;
};

/// Works on verified bytes. What cannot be done is kept in error(), and later calls then do nothing of use.
class FlatEdit {
 public:
  explicit FlatEdit(std::span<const std::byte> bytes) : bytes_(bytes.begin(), bytes.end()) {}

  std::vector<std::byte>& bytes() noexcept { return bytes_; }
  const std::string& error() const noexcept { return error_; }
  void fail(std::string message) {
    if (error_.empty()) error_ = std::move(message);
  }

  template <class T>
  T read(std::size_t at) const {
    T value{};
    if (at <= bytes_.size() && sizeof(T) <= bytes_.size() - at) std::memcpy(&value, bytes_.data() + at, sizeof(T));
    return value;
  }
  template <class T>
  void write(std::size_t at, T value) {
    if (at <= bytes_.size() && sizeof(T) <= bytes_.size() - at)
      std::memcpy(bytes_.data() + at, &value, sizeof(T));
    else
      fail("a write past the end");
  }

  TableRef root() const { return {reflected_table("Model"), 0}; }
  std::size_t target(std::size_t slot) const { return slot + read<std::uint32_t>(slot); }
  std::size_t at(TableRef t) const { return target(t.slot); }
  void redirect(std::size_t slot, std::size_t to);

  /// Where a field is stored; 0 where it is not.
  std::size_t field(TableRef t, std::string_view name) const;
  /// Where it is stored now: the table is made anew with room for it where it was not.
  std::size_t ensure(TableRef t, std::string_view name);
  std::int64_t integer(TableRef t, std::string_view name) const;  ///< or the default
  void set_integer(TableRef t, std::string_view name, std::int64_t value);
  void set_float(TableRef t, std::string_view name, double value);
  /// The field leads to what `append` puts at the end. The field has its place first: offsets point forward.
  template <class Append>
  void set_target(TableRef t, std::string_view name, const Append& append) {
    if (const std::size_t slot = ensure(t, name)) redirect(slot, append());
  }
  /// The table is made anew without these fields.
  void remove(TableRef t, std::span<const std::string_view> names);
  /// The table becomes this offset's own, for when others lead to it too.
  void unshare(TableRef t);

  TableRef child(TableRef t, std::string_view name) const;  ///< slot 0: not stored
  std::size_t count(TableRef t, std::string_view vector) const;
  TableRef item(TableRef t, std::string_view vector, std::size_t i) const;

  std::size_t append_vector(std::span<const std::byte> elements, std::size_t count, std::size_t alignment);
  template <class T>
  std::size_t append_list(std::span<const T> values) {
    return append_vector(std::as_bytes(values), values.size(), sizeof(T));
  }
  std::size_t append_string(std::string_view s);
  /// A table with no fields; ensure() adds them.
  std::size_t append_empty_table();
  /// The vector of tables gets one more, an empty one. Its tables are copied behind it.
  TableRef append_item(TableRef t, std::string_view vector);
  /// Model.buffers gets one more, empty buffer: its index. Data are not copied.
  std::uint32_t append_buffer();

 private:
  struct Slot {
    std::uint16_t id_offset;  ///< in the vtable
    std::size_t size;
    std::size_t from;  ///< where its bytes are now; 0: zeros
    const reflection::Field* known;
  };
  const reflection::Field* known_field(TableRef t, std::string_view name);
  std::vector<Slot> slots(const reflection::Object& type, std::size_t table);
  std::size_t copy_table(const reflection::Object& type, std::size_t table, const reflection::Field* extra,
                         std::span<const std::string_view> without);
  std::size_t copy_target(const reflection::Object& type, std::size_t table, const reflection::Field& field, std::size_t target);
  std::size_t copy_vector(const reflection::Type& type, std::size_t vector);
  /// vtable and table with these fields, scalars copied, offsets left zero; `places` gets where each field came to lie.
  std::size_t lay_out(std::vector<Slot> fields, std::vector<std::size_t>& places);
  void reroot(const reflection::Field* extra, bool one_more_buffer);
  void align(std::size_t alignment, std::size_t offset = 0);
  /// What lies at absolute offsets behind the flatbuffer moves with everything else.
  void shift_external(std::size_t by);

  std::vector<std::byte> bytes_;
  std::string error_;
  unsigned depth_ = 0;
};

}  // namespace qgraph::formats::tflite
