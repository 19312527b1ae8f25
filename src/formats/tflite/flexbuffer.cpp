// Reads FlexBuffers into a tree, every offset checked; writes the tree back with the library's builder.
#include "formats/tflite/flexbuffer.hpp"

#include <algorithm>
#include <cstring>

#include "core/byte_reader.hpp"
#include "core/checked_math.hpp"
#include "flatbuffers/flexbuffers.h"

namespace qgraph::formats::tflite {
namespace {

// The format's numbers of types (upper six bits of a packed type).
enum Type : unsigned {
  type_null = 0,
  type_int,
  type_uint,
  type_float,
  type_key,
  type_string,
  type_indirect_int,
  type_indirect_uint,
  type_indirect_float,
  type_map,
  type_vector,
  type_vector_int,
  type_vector_uint,
  type_vector_float,
  type_vector_key,
  type_vector_string,
  type_vector_int2,
  type_vector_float4 = 24,
  type_blob = 25,
  type_bool = 26,
  type_vector_bool = 36,
};

class Reader {
 public:
  Reader(std::span<const std::byte> bytes, std::size_t max_values) : reader_(bytes), left_(max_values) {}

  std::optional<Flex> root() {
    const std::uint64_t size = reader_.size();
    if (size < 3) return std::nullopt;
    const auto width = *reader_.at<std::uint8_t>(size - 1);
    const auto packed = *reader_.at<std::uint8_t>(size - 2);
    if (!is_width(width) || !reader_.fits(0, 2U + width) || size < 2U + width) return std::nullopt;
    return value(size - 2 - width, width, packed, 0);
  }

 private:
  static bool is_width(std::uint64_t w) { return w == 1 || w == 2 || w == 4 || w == 8; }

  std::optional<std::uint64_t> unsigned_at(std::uint64_t at, unsigned width) const {
    switch (width) {
      case 1:
        if (const auto v = reader_.at<std::uint8_t>(at)) return *v;
        break;
      case 2:
        if (const auto v = reader_.at<std::uint16_t>(at)) return *v;
        break;
      case 4:
        if (const auto v = reader_.at<std::uint32_t>(at)) return *v;
        break;
      case 8: return reader_.at<std::uint64_t>(at);
      default: break;
    }
    return std::nullopt;
  }

  std::optional<std::int64_t> signed_at(std::uint64_t at, unsigned width) const {
    switch (width) {
      case 1:
        if (const auto v = reader_.at<std::int8_t>(at)) return *v;
        break;
      case 2:
        if (const auto v = reader_.at<std::int16_t>(at)) return *v;
        break;
      case 4:
        if (const auto v = reader_.at<std::int32_t>(at)) return *v;
        break;
      case 8: return reader_.at<std::int64_t>(at);
      default: break;
    }
    return std::nullopt;
  }

  std::optional<double> float_at(std::uint64_t at, unsigned width) const {
    if (width == 4) {
      if (const auto v = reader_.at<float>(at)) return static_cast<double>(*v);
    } else if (width == 8) {
      return reader_.at<double>(at);
    }
    return std::nullopt;
  }

  /// Offsets point backward.
  std::optional<std::uint64_t> target(std::uint64_t at, unsigned width) const {
    const auto offset = unsigned_at(at, width);
    if (!offset || *offset == 0 || *offset > at) return std::nullopt;
    return at - *offset;
  }

  std::optional<std::string> key_at(std::uint64_t at) const {
    const auto rest = at <= reader_.size() ? reader_.text(at, reader_.size() - at) : std::nullopt;
    if (!rest) return std::nullopt;
    const std::size_t end = rest->find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    return std::string(rest->substr(0, end));
  }

  /// The size that stands before a vector, string or blob, if its elements fit.
  std::optional<std::size_t> size_before(std::uint64_t at, unsigned width, std::uint64_t element_bytes) {
    if (at < width) return std::nullopt;
    const auto size = unsigned_at(at - width, width);
    const auto bytes = size ? checked_mul(*size, element_bytes) : std::nullopt;
    if (!bytes || !reader_.fits(at, *bytes)) return std::nullopt;
    return static_cast<std::size_t>(*size);
  }

  std::optional<Flex> scalar(Flex::Kind kind, std::uint64_t at, unsigned width) const {
    Flex f{.kind = kind};
    if (kind == Flex::Kind::number) {
      const auto v = float_at(at, width);
      if (!v) return std::nullopt;
      f.number = *v;
    } else if (kind == Flex::Kind::integer) {
      const auto v = signed_at(at, width);
      if (!v) return std::nullopt;
      f.integer = *v;
    } else {
      const auto v = unsigned_at(at, width);
      if (!v) return std::nullopt;
      f.integer = static_cast<std::int64_t>(*v);
    }
    return f;
  }

  std::optional<Flex> value(std::uint64_t at, unsigned width, unsigned packed, unsigned depth) {
    if (depth > 32 || left_ == 0) return std::nullopt;
    --left_;
    const unsigned type = packed >> 2, child_width = 1U << (packed & 3);
    switch (type) {
      case type_null: return Flex{};
      case type_bool: return scalar(Flex::Kind::boolean, at, width);
      case type_int: return scalar(Flex::Kind::integer, at, width);
      case type_uint: return scalar(Flex::Kind::unsigned_integer, at, width);
      case type_float: return scalar(Flex::Kind::number, at, width);
      default: break;
    }
    const auto to = target(at, width);
    if (!to) return std::nullopt;
    switch (type) {
      case type_indirect_int: return scalar(Flex::Kind::integer, *to, child_width);
      case type_indirect_uint: return scalar(Flex::Kind::unsigned_integer, *to, child_width);
      case type_indirect_float: return scalar(Flex::Kind::number, *to, child_width);
      case type_key: {
        auto key = key_at(*to);
        if (!key || !spend(key->size())) return std::nullopt;
        return Flex{.kind = Flex::Kind::key, .text = std::move(*key)};
      }
      case type_string:
      case type_blob: {
        const auto size = size_before(*to, child_width, 1);
        if (!size || !spend(*size / 8)) return std::nullopt;
        return Flex{.kind = type == type_blob ? Flex::Kind::blob : Flex::Kind::text,
                    .text = std::string(*reader_.text(*to, *size))};
      }
      case type_map:
      case type_vector: return untyped(*to, child_width, type == type_map, depth);
      default: return typed(*to, child_width, type, depth);
    }
  }

  std::optional<Flex> untyped(std::uint64_t at, unsigned width, bool is_map, unsigned depth) {
    const auto size = size_before(at, width, std::uint64_t{width} + 1);
    if (!size) return std::nullopt;
    Flex out{.kind = is_map ? Flex::Kind::map : Flex::Kind::list};
    if (is_map) {
      // Before the size: the offset of the keys' vector, and the width of its elements.
      if (at < 3ULL * width) return std::nullopt;
      const auto keys = target(at - 3ULL * width, width);
      const auto key_width = unsigned_at(at - 2ULL * width, width);
      if (!keys || !key_width || !is_width(*key_width)) return std::nullopt;
      const auto step = static_cast<unsigned>(*key_width);
      if (size_before(*keys, step, step) != size) return std::nullopt;
      for (std::size_t i = 0; i < *size; ++i) {
        const auto to = target(*keys + i * step, step);
        auto key = to ? key_at(*to) : std::nullopt;
        if (!key || !spend(key->size())) return std::nullopt;
        out.keys.push_back(std::move(*key));
      }
    }
    for (std::size_t i = 0; i < *size; ++i) {
      const auto packed = reader_.at<std::uint8_t>(at + std::uint64_t{*size} * width + i);
      auto item = packed ? value(at + std::uint64_t{i} * width, width, *packed, depth + 1) : std::nullopt;
      if (!item) return std::nullopt;
      out.items.push_back(std::move(*item));
    }
    return out;
  }

  std::optional<Flex> typed(std::uint64_t at, unsigned width, unsigned type, unsigned depth) {
    unsigned element = type_null;
    std::optional<std::size_t> size;
    if (type >= type_vector_int && type <= type_vector_string) {
      element = type - type_vector_int + type_int;
      size = size_before(at, width, width);
    } else if (type >= type_vector_int2 && type <= type_vector_float4) {
      element = (type - type_vector_int2) % 3 + type_int;
      size = 2 + (type - type_vector_int2) / 3;
      if (!reader_.fits(at, std::uint64_t{*size} * width)) return std::nullopt;
    } else if (type == type_vector_bool) {
      element = type_bool;
      size = size_before(at, width, width);
    }
    if (!size) return std::nullopt;
    Flex out{.kind = Flex::Kind::typed_list};
    for (std::size_t i = 0; i < *size; ++i) {
      auto item = value(at + std::uint64_t{i} * width, width, element << 2, depth + 1);
      if (!item) return std::nullopt;
      out.items.push_back(std::move(*item));
    }
    return out;
  }

  bool spend(std::size_t n) {
    if (n > left_) return false;
    left_ -= n;
    return true;
  }

  ByteReader reader_;
  std::size_t left_;
};

void write(flexbuffers::Builder& b, const Flex& f) {
  switch (f.kind) {
    case Flex::Kind::null: b.Null(); break;
    case Flex::Kind::boolean: b.Bool(f.integer != 0); break;
    case Flex::Kind::integer: b.Int(f.integer); break;
    case Flex::Kind::unsigned_integer: b.UInt(static_cast<std::uint64_t>(f.integer)); break;
    case Flex::Kind::number:
      if (static_cast<double>(static_cast<float>(f.number)) == f.number)
        b.Float(static_cast<float>(f.number));
      else
        b.Double(f.number);
      break;
    case Flex::Kind::text: b.String(f.text); break;
    case Flex::Kind::key: b.Key(f.text); break;
    case Flex::Kind::blob: b.Blob(f.text.data(), f.text.size()); break;
    case Flex::Kind::list:
    case Flex::Kind::typed_list: {
      const std::size_t start = b.StartVector();
      for (const Flex& item : f.items) write(b, item);
      b.EndVector(start, f.kind == Flex::Kind::typed_list && !f.items.empty(), false);
      break;
    }
    case Flex::Kind::map: {
      const std::size_t start = b.StartMap();
      for (std::size_t i = 0; i < f.items.size(); ++i) {
        b.Key(f.keys[i]);
        write(b, f.items[i]);
      }
      b.EndMap(start);
      break;
    }
  }
}

bool is_integral(const Flex& f) {
  return f.kind == Flex::Kind::integer || f.kind == Flex::Kind::unsigned_integer || f.kind == Flex::Kind::boolean;
}
bool is_text(const Flex& f) { return f.kind == Flex::Kind::text || f.kind == Flex::Kind::key; }

}  // namespace

std::optional<Flex> read_flexbuffer(std::span<const std::byte> bytes, std::size_t max_values) {
  return Reader(bytes, max_values).root();
}

std::vector<std::byte> write_flexbuffer(const Flex& root) {
  flexbuffers::Builder b;
  write(b, root);
  b.Finish();
  const auto& bytes = b.GetBuffer();
  std::vector<std::byte> out(bytes.size());
  std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

std::optional<AttributeValue> to_attribute(const Flex& f) {
  if (is_integral(f)) return f.integer;
  if (f.kind == Flex::Kind::number) return f.number;
  if (is_text(f) || f.kind == Flex::Kind::blob) return f.text;
  if (f.kind != Flex::Kind::list && f.kind != Flex::Kind::typed_list) return std::nullopt;
  if (std::ranges::all_of(f.items, is_integral)) {
    std::vector<std::int64_t> out;
    for (const Flex& i : f.items) out.push_back(i.integer);
    return out;
  }
  if (std::ranges::all_of(f.items, is_text)) {
    std::vector<std::string> out;
    for (const Flex& i : f.items) out.push_back(i.text);
    return out;
  }
  std::vector<double> out;
  for (const Flex& i : f.items) {
    if (!is_integral(i) && i.kind != Flex::Kind::number) return std::nullopt;
    out.push_back(is_integral(i) ? static_cast<double>(i.integer) : i.number);
  }
  return out;
}

Flex from_attribute(const AttributeValue& value, const Flex* old) {
  const auto list_kind = old && old->kind == Flex::Kind::typed_list ? Flex::Kind::typed_list : Flex::Kind::list;
  if (const auto* i = std::get_if<std::int64_t>(&value)) {
    Flex f{.kind = Flex::Kind::integer, .integer = *i};
    if (old && (old->kind == Flex::Kind::boolean || old->kind == Flex::Kind::unsigned_integer)) f.kind = old->kind;
    if (old && old->kind == Flex::Kind::number) f = {.kind = Flex::Kind::number, .number = static_cast<double>(*i)};
    return f;
  }
  if (const auto* d = std::get_if<double>(&value)) return {.kind = Flex::Kind::number, .number = *d};
  if (const auto* s = std::get_if<std::string>(&value))
    return {.kind = old && old->kind == Flex::Kind::blob ? Flex::Kind::blob : Flex::Kind::text, .text = *s};
  Flex f{.kind = list_kind};
  if (const auto* v = std::get_if<std::vector<std::int64_t>>(&value))
    for (const std::int64_t i : *v) f.items.push_back({.kind = Flex::Kind::integer, .integer = i});
  else if (const auto* d = std::get_if<std::vector<double>>(&value))
    for (const double x : *d) f.items.push_back({.kind = Flex::Kind::number, .number = x});
  else if (const auto* t = std::get_if<std::vector<std::string>>(&value)) {
    f.kind = Flex::Kind::list;
    for (const std::string& x : *t) f.items.push_back({.kind = Flex::Kind::text, .text = x});
  }
  return f;
}

}  // namespace qgraph::formats::tflite
