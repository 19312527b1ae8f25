// Attributes of builtin operators come from reflection, those of custom ones from their flexbuffer.
#include "formats/tflite/attributes.hpp"

#include "core/byte_reader.hpp"
#include "formats/tflite/flexbuffer.hpp"

namespace qgraph::formats::tflite {
namespace {

std::optional<Flex> custom_root(const source::Model& model, const schema::Operator& op) {
  const auto bytes = custom_options(op, state_of(model).file.bytes);
  return bytes.empty() ? std::nullopt : read_flexbuffer(bytes);
}

/// What the view remembers: the number of the table's type, above the bit that says which of the two unions it is of.
StoredOptions remembered(const source::AttributeView& view) {
  const auto& op = *static_cast<const schema::Operator*>(view.self);
  if (view.extra == 0) return {};
  const auto number = static_cast<flatbuffers::uoffset_t>(view.extra / 2 - 1);
  const void* table = view.extra % 2 != 0 ? op.builtin_options_2() : op.builtin_options();
  return {.type = reflected_schema().objects()->Get(number),
          .table = static_cast<const flatbuffers::Table*>(table),
          .number = number};
}

std::optional<Flex> composite_root(const StoredOptions& o) {
  static const reflection::Object* const composite = reflected_table("StableHLOCompositeOptions");
  if (!o.type || o.type != composite) return std::nullopt;
  const auto* options = reinterpret_cast<const schema::StableHLOCompositeOptions*>(o.table);
  return read_flexbuffer(bytes_of(options->composite_attributes()));
}

std::optional<AttributeValue> by_key(const std::optional<Flex>& root, std::string_view name) {
  if (!root || root->kind != Flex::Kind::map) return std::nullopt;
  for (std::size_t i = 0; i < root->keys.size(); ++i)
    if (root->keys[i] == name) return to_attribute(root->items[i]);
  return std::nullopt;
}

void add_keys(const std::optional<Flex>& root, std::vector<std::string>& names) {
  if (!root || root->kind != Flex::Kind::map) return;
  for (std::size_t i = 0; i < root->keys.size(); ++i)
    if (to_attribute(root->items[i])) names.push_back(root->keys[i]);
}

std::optional<AttributeValue> get(const source::AttributeView& view, const source::Model& model, std::string_view name) {
  const auto& op = *static_cast<const schema::Operator*>(view.self);
  const StoredOptions options = remembered(view);
  if (options.type) {
    if (const reflection::Field* field = field_of(*options.type, name)) return field_value(*options.table, *field);
    if (auto value = by_key(composite_root(options), name)) return value;
  }
  return by_key(custom_root(model, op), name);
}

std::vector<std::string> names(const source::AttributeView& view, const source::Model& model) {
  const auto& op = *static_cast<const schema::Operator*>(view.self);
  std::vector<std::string> out;
  const StoredOptions options = remembered(view);
  if (options.type)
    for (const reflection::Field* field : *options.type->fields())
      if (!field->deprecated() && has_value(*options.table, *field)) out.push_back(field->name()->str());
  add_keys(composite_root(options), out);
  add_keys(custom_root(model, op), out);
  return out;
}

}  // namespace

source::AttributeView attribute_view(const schema::Operator& op, const StoredOptions& options) {
  const bool second = options.type && options.table == op.builtin_options_2();
  const std::uint64_t number = options.type ? std::uint64_t{options.number} + 1 : 0;
  return {.self = &op, .extra = 2 * number + (second ? 1U : 0U), .get = &get, .names = &names};
}

StoredOptions stored_options(const schema::Operator& op) {
  static const reflection::Enum *const builtin = reflected_enum("BuiltinOptions"), *const builtin_2 =
                                                                                       reflected_enum("BuiltinOptions2");
  const auto read = [](const reflection::Enum* type, std::int64_t member, const void* table) -> StoredOptions {
    if (member == 0 || !table) return {};
    const reflection::EnumVal* value = type ? type->values()->LookupByKey(member) : nullptr;
    if (!value || !value->union_type() || value->union_type()->index() < 0) return {};
    const auto number = static_cast<flatbuffers::uoffset_t>(value->union_type()->index());
    const reflection::Object* object = reflected_schema().objects()->Get(number);
    std::string_view kind(object->name()->c_str(), object->name()->size());
    kind.remove_prefix(kind.rfind('.') + 1);
    return {object, static_cast<const flatbuffers::Table*>(table), number, kind};
  };
  const StoredOptions first = read(builtin, static_cast<std::int64_t>(op.builtin_options_type()), op.builtin_options());
  if (first.type) return first;
  return read(builtin_2, static_cast<std::int64_t>(op.builtin_options_2_type()), op.builtin_options_2());
}

std::span<const std::byte> custom_options(const schema::Operator& op, std::span<const std::byte> file) {
  if (op.large_custom_options_offset() > 1)
    return ByteReader(file)
        .slice(op.large_custom_options_offset(), op.large_custom_options_size())
        .value_or(std::span<const std::byte>{});
  return bytes_of(op.custom_options());
}

}  // namespace qgraph::formats::tflite
