// Reads fields by name through the embedded binary schema.
#include "formats/tflite/reflect.hpp"

#include <string>

#include "core/text_order.hpp"
#include "tflite_bfbs_generated.h"

namespace qgraph::formats::tflite {

const reflection::Schema& reflected_schema() { return *reflection::GetSchema(::tflite::ModelBinarySchema::data()); }

const reflection::Object* reflected_table(std::string_view name) {
  return reflected_schema().objects()->LookupByKey(("tflite." + std::string(name)).c_str());
}

const reflection::Enum* reflected_enum(std::string_view name) {
  return reflected_schema().enums()->LookupByKey(("tflite." + std::string(name)).c_str());
}

const reflection::Object* union_member(const reflection::Enum& type, std::int64_t member) {
  if (member == 0) return nullptr;
  const reflection::EnumVal* value = type.values()->LookupByKey(member);
  if (!value || !value->union_type() || value->union_type()->index() < 0) return nullptr;
  return reflected_schema().objects()->Get(static_cast<flatbuffers::uoffset_t>(value->union_type()->index()));
}

const reflection::Field* field_of(const reflection::Object& table, std::string_view name) {
  const auto& fields = *table.fields();
  flatbuffers::uoffset_t first = 0, last = fields.size();  // sorted by name
  while (first < last) {
    const flatbuffers::uoffset_t middle = first + (last - first) / 2;
    const flatbuffers::String& found = *fields.Get(middle)->name();
    const int order = text_order({found.c_str(), found.size()}, name);
    if (order == 0) return fields.Get(middle);
    order < 0 ? first = middle + 1 : last = middle;
  }
  return nullptr;
}

namespace {

template <class T>
T load(const std::uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

std::int64_t integer_at(reflection::BaseType type, const std::uint8_t* at) {
  switch (type) {
    case reflection::Byte: return load<std::int8_t>(at);
    case reflection::UType:
    case reflection::UByte: return load<std::uint8_t>(at);
    case reflection::Bool: return load<std::uint8_t>(at) != 0 ? 1 : 0;
    case reflection::Short: return load<std::int16_t>(at);
    case reflection::UShort: return load<std::uint16_t>(at);
    case reflection::Int: return load<std::int32_t>(at);
    case reflection::UInt: return load<std::uint32_t>(at);
    case reflection::Long: return load<std::int64_t>(at);
    default: return static_cast<std::int64_t>(load<std::uint64_t>(at));
  }
}

bool is_floating(reflection::BaseType t) { return t == reflection::Float || t == reflection::Double; }

double float_at(reflection::BaseType type, const std::uint8_t* at) {
  return type == reflection::Float ? static_cast<double>(load<float>(at)) : load<double>(at);
}

/// An enumerator's word, or the number itself where the schema has none for it.
AttributeValue enumerator(const reflection::Type& type, std::int64_t number) {
  if (type.index() < 0) return number;
  const auto* all = reflected_schema().enums();
  const reflection::EnumVal* v = all->Get(static_cast<flatbuffers::uoffset_t>(type.index()))->values()->LookupByKey(number);
  return v ? AttributeValue(std::string(v->name()->c_str(), v->name()->size())) : AttributeValue(number);
}

std::optional<AttributeValue> vector_value(const std::uint8_t* vector, const reflection::Type& type) {
  const auto size = vector ? load<flatbuffers::uoffset_t>(vector) : 0;
  const std::uint8_t* data = vector + sizeof(flatbuffers::uoffset_t);
  const reflection::BaseType element = type.element();
  if (element == reflection::String) {
    std::vector<std::string> out;
    for (flatbuffers::uoffset_t i = 0; i < size; ++i) {
      const std::uint8_t* s = data + i * 4 + load<flatbuffers::uoffset_t>(data + i * 4);
      out.emplace_back(reinterpret_cast<const char*>(s + 4), load<flatbuffers::uoffset_t>(s));
    }
    return out;
  }
  const std::size_t step = scalar_size(element);
  if (step == 0) return std::nullopt;
  if (is_floating(element)) {
    std::vector<double> out(size);
    for (std::size_t i = 0; i < size; ++i) out[i] = float_at(element, data + i * step);
    return out;
  }
  std::vector<std::int64_t> numbers(size);
  for (std::size_t i = 0; i < size; ++i) numbers[i] = integer_at(element, data + i * step);
  if (type.index() < 0) return numbers;
  std::vector<std::string> words;
  for (const std::int64_t n : numbers) {
    const AttributeValue word = enumerator(type, n);
    const auto* s = std::get_if<std::string>(&word);
    words.push_back(s ? *s : std::to_string(n));
  }
  return words;
}

}  // namespace

bool has_value(const flatbuffers::Table& table, const reflection::Field& field) {
  const reflection::Type& type = *field.type();
  if (scalar_size(type.base_type()) > 0) return true;
  if (!table.GetAddressOf(field.offset())) return false;
  if (type.base_type() == reflection::String) return true;
  return type.base_type() == reflection::Vector && (type.element() == reflection::String || scalar_size(type.element()) > 0);
}

std::optional<AttributeValue> field_value(const flatbuffers::Table& table, const reflection::Field& field) {
  const reflection::Type& type = *field.type();
  const std::uint8_t* at = table.GetAddressOf(field.offset());
  if (scalar_size(type.base_type()) > 0) {
    if (is_floating(type.base_type())) return at ? float_at(type.base_type(), at) : field.default_real();
    const std::int64_t number = at ? integer_at(type.base_type(), at) : field.default_integer();
    return enumerator(type, number);
  }
  const std::uint8_t* target = at ? at + load<flatbuffers::uoffset_t>(at) : nullptr;
  if (type.base_type() == reflection::String) {
    if (!target) return std::nullopt;
    return std::string(reinterpret_cast<const char*>(target + 4), load<flatbuffers::uoffset_t>(target));
  }
  if (type.base_type() == reflection::Vector && target) return vector_value(target, type);
  return std::nullopt;
}

}  // namespace qgraph::formats::tflite
