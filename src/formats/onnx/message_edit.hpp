// A protobuf message that is being changed: what nobody opens keeps its bytes, what is changed is encoded anew with all around
// it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "formats/onnx/proto.hpp"

namespace qgraph::formats::onnx {

class MessageEdit;

/// A field of a message: as stored, opened, or new.
struct Part {
  std::uint32_t number = 0;
  Wire wire = Wire::length;
  Bytes whole{};                           ///< with tag and length, as stored
  Bytes content{};                         ///< of a stored length-delimited one
  std::vector<std::byte> own{};            ///< of a new one: all of it, with its tag
  std::unique_ptr<MessageEdit> message{};  ///< opened

  std::string_view text() const noexcept { return {reinterpret_cast<const char*>(content.data()), content.size()}; }
};

class MessageEdit {
 public:
  explicit MessageEdit(Bytes stored);
  MessageEdit() = default;

  std::vector<std::unique_ptr<Part>>& parts() noexcept { return parts_; }
  /// The message in a part, opened so that it can be changed.
  static MessageEdit& open(Part& part);
  /// The stored message that lies at these bytes, here or anywhere within; null where there is none.
  Part* locate(Bytes content);

  Part* find(std::uint32_t number);
  std::vector<Part*> all(std::uint32_t number);
  void remove(std::uint32_t number);
  void remove(const Part* part);
  /// The only field of this number, where the first was, else at the end.
  void set_integer(std::uint32_t number, std::int64_t value);
  void set_text(std::uint32_t number, std::string_view value);
  void set_bytes(std::uint32_t number, Bytes value);
  Part& add_integer(std::uint32_t number, std::int64_t value);
  Part& add_text(std::uint32_t number, std::string_view value);
  Part& add_bytes(std::uint32_t number, Bytes value);
  /// A new message at the end, opened.
  MessageEdit& add_message(std::uint32_t number);
  Part& add_float(std::uint32_t number, float value);
  /// The texts of a repeated field become these, where they were.
  void set_texts(std::uint32_t number, const std::vector<std::string>& values);
  std::string text(std::uint32_t number);

  std::vector<std::byte> encode() const;

 private:
  Part& make(std::uint32_t number, Wire wire);
  Part& only(std::uint32_t number, Wire wire);
  std::vector<std::unique_ptr<Part>> parts_{};
};

}  // namespace qgraph::formats::onnx
