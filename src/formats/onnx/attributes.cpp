// AttributeProto: one value, or a list, by its type; files of IR version 1 name no type, then by what is there.
#include "formats/onnx/attributes.hpp"

#include "formats/onnx/constants.hpp"
#include "formats/onnx/schema.hpp"

namespace qgraph::formats::onnx {
namespace {

namespace af = attribute_field;

/// AttributeProto.AttributeType
enum Type : std::int64_t {
  undefined,
  floating,
  integer,
  string,
  tensor,
  graph,
  floats,
  integers,
  strings,
  tensors,
  graphs,
  sparse
};

std::int64_t type_by_content(Bytes message) {
  std::int64_t type = undefined;
  for_each_field(message, [&](const Field& f) {
    switch (f.number) {
      case af::f: type = floating; break;
      case af::i: type = integer; break;
      case af::s: type = string; break;
      case af::t: type = tensor; break;
      case af::g: type = graph; break;
      case af::floats: type = floats; break;
      case af::ints: type = integers; break;
      case af::strings: type = strings; break;
      case af::graphs: type = graphs; break;
      case af::sparse_tensor: type = sparse; break;
      default: break;
    }
  });
  return type;
}

std::optional<AttributeValue> get(const source::AttributeView& view, const source::Model& model, std::string_view name) {
  const auto& record = *static_cast<const NodeRecord*>(view.self);
  const auto found = find_attribute(record, name);
  return found ? attribute_value(*found, state_of(model).file) : std::nullopt;
}

std::vector<std::string> names(const source::AttributeView& view, const source::Model& model) {
  std::vector<std::string> out;
  for (const auto& [name, message] : all_attributes(*static_cast<const NodeRecord*>(view.self)))
    if (attribute_value(message, state_of(model).file)) out.emplace_back(name);
  return out;
}

}  // namespace

source::AttributeView attribute_view(const NodeRecord& record) { return {.self = &record, .get = &get, .names = &names}; }

AttributeMessage read_attribute(Bytes message) {
  AttributeMessage a{.message = message};
  for_each_field(message, [&](const Field& f) {
    if (f.is(af::name, Wire::length)) a.name = f.text();
    if (f.is(af::ref_attr_name, Wire::length)) a.reference = f.text();
    if (f.is(af::type, Wire::varint)) a.type = f.integer();
  });
  return a;
}

std::vector<std::pair<std::string_view, Bytes>> all_attributes(const NodeRecord& record) {
  std::vector<std::pair<std::string_view, Bytes>> out;
  for_each_field(record.message, [&](const Field& f) {
    if (!f.is(node_field::attribute, Wire::length)) return;
    const AttributeMessage a = read_attribute(f.bytes);
    if (a.reference.empty()) return void(out.emplace_back(a.name, f.bytes));
    if (!record.bindings) return;
    if (const auto bound = record.bindings->find(a.reference); bound != record.bindings->end())
      out.emplace_back(a.name, bound->second);
  });
  return out;
}

std::optional<Bytes> find_attribute(const NodeRecord& record, std::string_view name) {
  for (const auto& [key, message] : all_attributes(record))
    if (key == name) return message;
  return std::nullopt;
}

std::optional<AttributeValue> attribute_value(Bytes message, const Buffer& file) {
  std::int64_t type = read_attribute(message).type;
  if (type == undefined) type = type_by_content(message);
  float f32 = 0;
  std::int64_t i64 = 0;
  std::string text;
  std::optional<Bytes> part;
  std::vector<float> reals;
  std::vector<std::int64_t> numbers;
  std::vector<std::string> texts;
  for_each_field(message, [&](const Field& f) {
    if (f.is(af::f, Wire::fixed32)) std::memcpy(&f32, &f.value, 4);
    if (f.is(af::i, Wire::varint)) i64 = f.integer();
    if (f.is(af::s, Wire::length)) text = f.text();
    if (f.wire == Wire::length && f.number == (type == sparse ? af::sparse_tensor : af::t)) part = f.bytes;
    if (f.number == af::floats && type == floats) append_fixed<float>(f, reals);
    if (f.number == af::ints && type == integers) append_integers(f, numbers);
    if (f.is(af::strings, Wire::length) && type == strings) texts.emplace_back(f.text());
  });
  switch (type) {
    case floating: return AttributeValue(double{f32});
    case integer: return AttributeValue(i64);
    case string: return AttributeValue(std::move(text));
    case floats: return AttributeValue(std::vector<double>(reals.begin(), reals.end()));
    case integers: return AttributeValue(std::move(numbers));
    case strings: return AttributeValue(std::move(texts));
    case tensor:
      if (part)
        if (auto value = tensor_value(*part, file)) return AttributeValue(*std::move(value));
      return std::nullopt;
    default: return std::nullopt;
  }
}

std::vector<Bytes> graphs_of(Bytes attribute) {
  std::vector<Bytes> out;
  for_each_field(attribute, [&](const Field& f) {
    if (f.is(af::g, Wire::length) || f.is(af::graphs, Wire::length)) out.push_back(f.bytes);
  });
  return out;
}

}  // namespace qgraph::formats::onnx
