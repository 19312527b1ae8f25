// TFLite's schema as data: tables and fields by name. The schema is ours and embedded, so it is trusted; the tables that are read
// with it must have passed the verifier.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "flatbuffers/reflection.h"
#include "qgraph/graph.hpp"

namespace qgraph::formats::tflite {

const reflection::Schema& reflected_schema();
/// By its name without the namespace: "Conv2DOptions"; null if there is none.
const reflection::Object* reflected_table(std::string_view name);
const reflection::Enum* reflected_enum(std::string_view name);
/// The table of a union's member; null for NONE and numbers that the schema does not have.
const reflection::Object* union_member(const reflection::Enum& type, std::int64_t member);
const reflection::Field* field_of(const reflection::Object& table, std::string_view name);

/// The field's value as an attribute, its default where it is not stored; nothing for what an attribute cannot be (tables).
std::optional<AttributeValue> field_value(const flatbuffers::Table& table, const reflection::Field& field);
/// The field is stored.
inline bool is_stored(const flatbuffers::Table& table, const reflection::Field& field) {
  return table.CheckField(field.offset());
}

/// Whether field_value() has one.
bool has_value(const flatbuffers::Table& table, const reflection::Field& field);

/// Bytes of a scalar of this type; 0 for others.
constexpr std::size_t scalar_size(reflection::BaseType t) {
  switch (t) {
    case reflection::UType:
    case reflection::Bool:
    case reflection::Byte:
    case reflection::UByte: return 1;
    case reflection::Short:
    case reflection::UShort: return 2;
    case reflection::Int:
    case reflection::UInt:
    case reflection::Float: return 4;
    case reflection::Long:
    case reflection::ULong:
    case reflection::Double: return 8;
    default: return 0;
  }
}

}  // namespace qgraph::formats::tflite
