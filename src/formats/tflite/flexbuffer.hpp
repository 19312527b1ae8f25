// A bounded reader of FlexBuffers (custom options). Own, because the library's accessors trust their input.
// Format: flatbuffers' docs "FlexBuffers internals": the root's bytes, its packed type, its width in bytes.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "qgraph/graph.hpp"

namespace qgraph::formats::tflite {

/// A value of the buffer; maps keep the order of their keys.
struct Flex {
  enum class Kind { null, boolean, integer, unsigned_integer, number, text, key, blob, list, typed_list, map } kind = Kind::null;
  std::int64_t integer = 0;
  double number = 0;
  std::string text{};  ///< text, key, blob
  std::vector<Flex> items{};
  std::vector<std::string> keys{};  ///< of a map, as many as items
};

/// The root; nothing where the bytes are no sound flexbuffer, nest deeper than 32 or have more than `max_values` values.
std::optional<Flex> read_flexbuffer(std::span<const std::byte> bytes, std::size_t max_values = 1U << 20);
std::vector<std::byte> write_flexbuffer(const Flex& root);

/// As an attribute: numbers, texts, and lists of one kind of them. Nothing for null, maps and mixed lists.
std::optional<AttributeValue> to_attribute(const Flex& value);
Flex from_attribute(const AttributeValue& value, const Flex* old);  ///< old: the value that it replaces, whose kind is kept

}  // namespace qgraph::formats::tflite
