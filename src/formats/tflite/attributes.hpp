// AttributeView over a TFLite operator: its options table by field name, or its custom options by key.
#pragma once

#include "formats/tflite/reflect.hpp"
#include "formats/tflite/state.hpp"

namespace qgraph::formats::tflite {

/// The options that are stored, of either union: the reflected table and its bytes; nulls where there are none.
struct StoredOptions {
  const reflection::Object* type = nullptr;
  const flatbuffers::Table* table = nullptr;
  flatbuffers::uoffset_t number = 0;  ///< of the type in the schema
  std::string_view kind{};            ///< "Conv2DOptions"
};
StoredOptions stored_options(const schema::Operator& op);
source::AttributeView attribute_view(const schema::Operator& op, const StoredOptions& options);
/// custom_options, or what lies behind the flatbuffer in their place.
std::span<const std::byte> custom_options(const schema::Operator& op, std::span<const std::byte> file);

}  // namespace qgraph::formats::tflite
