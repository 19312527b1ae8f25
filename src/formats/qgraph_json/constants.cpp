// Lists of numbers to bytes: every number is checked against its dtype.
#include "formats/qgraph_json/constants.hpp"

#include <spdlog/fmt/fmt.h>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "source/numbers.hpp"

namespace qgraph::formats::qgraph_json {
namespace {

template <class Visit>
bool each_leaf(const Json& v, Visit&& visit) {
  const auto* list = v.list();
  if (!list) return visit(v);
  for (const Json& item : *list)
    if (!each_leaf(item, visit)) return false;
  return true;
}

Report does_not_fit(const Document& d, const Json& at, DType dtype) {
  const std::string* s = at.text();
  const auto n = at.number();
  return d.problem(at, "QG3203", Cause::data_out_of_range,
                   fmt::format("{} is no {}",
                               n   ? fmt::format("{}", *n)
                               : s ? "'" + *s + "'"
                                   : std::string(at.kind()),
                               name(dtype)),
                   is_integer(dtype) ? fmt::format("{} holds whole numbers from {} to {}", name(dtype), integer_range(dtype).min,
                                                   integer_range(dtype).max)
                                     : std::string{});
}

/// Appends one number; false: the dtype cannot hold it.
bool append(std::vector<std::byte>& out, const Json& v, DType dtype) {
  const auto put = [&](auto x) {
    const std::size_t at = out.size();
    out.resize(at + sizeof x);
    std::memcpy(out.data() + at, &x, sizeof x);
    return true;
  };
  const auto number = v.number();
  switch (dtype) {
    case DType::float32: return number && put(static_cast<float>(*number));
    case DType::float64: return number && put(*number);
    case DType::boolean: {
      const auto i = v.boolean() ? std::optional<std::int64_t>(*v.boolean()) : v.integer();
      return i && (*i == 0 || *i == 1) && put(static_cast<std::uint8_t>(*i));
    }
    case DType::uint64: {
      if (const auto* u = std::get_if<std::uint64_t>(&v.value)) return put(*u);
      const auto i = v.integer();
      return i && *i >= 0 && put(static_cast<std::uint64_t>(*i));
    }
    default: break;
  }
  const auto i = v.integer();
  const IntegerRange range = integer_range(dtype);
  if (!i || *i < range.min || *i > range.max) return false;
  switch (bits(dtype)) {
    case 8: return put(static_cast<std::int8_t>(*i));
    case 16: return put(static_cast<std::int16_t>(*i));
    case 32: return put(static_cast<std::int32_t>(*i));
    case 64: return put(*i);
    default: return put(static_cast<std::uint8_t>(*i));  // 2 and 4 bits: packed afterwards
  }
}

std::vector<std::byte> packed(const std::vector<std::byte>& wide, int width) {
  const std::size_t per_byte = 8U / static_cast<unsigned>(width);
  std::vector<std::byte> out((wide.size() + per_byte - 1) / per_byte);
  const auto mask = static_cast<std::byte>((1U << width) - 1U);
  for (std::size_t i = 0; i < wide.size(); ++i)
    out[i / per_byte] |= (wide[i] & mask) << (i % per_byte * static_cast<unsigned>(width));
  return out;
}

/// TensorFlow Lite's packing: count, count + 1 offsets, the bytes.
Result<Buffer> strings_of(const Document& d, const Json& data) {
  std::vector<std::string> texts;
  const Json* wrong = nullptr;
  each_leaf(data, [&](const Json& v) {
    if (!v.text())
      wrong = &v;
    else
      texts.push_back(*v.text());
    return wrong == nullptr;
  });
  if (wrong) return does_not_fit(d, *wrong, DType::string);
  std::vector<std::byte> out;
  const auto put = [&](std::size_t n) {
    const auto word = static_cast<std::int32_t>(n);
    const std::size_t at = out.size();
    out.resize(at + 4);
    std::memcpy(out.data() + at, &word, 4);
  };
  std::size_t offset = 4 * (texts.size() + 2);
  put(texts.size());
  put(offset);
  for (const std::string& s : texts) put(offset += s.size());
  if (offset > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
    return d.problem(data, "QG9002", Cause::resource_limit, "the strings are longer than 2 GB");
  for (const std::string& s : texts) {
    const auto bytes = std::as_bytes(std::span(s));
    out.insert(out.end(), bytes.begin(), bytes.end());
  }
  return Buffer::copy_of(out);
}

/// float16, bfloat16 and smaller.
Result<Buffer> small_floats_of(const Document& d, const Json& data, DType dtype) {
  std::vector<double> values;
  const Json* wrong = nullptr;
  each_leaf(data, [&](const Json& v) {
    if (const auto x = v.number())
      values.push_back(*x);
    else
      wrong = &v;
    return wrong == nullptr;
  });
  if (wrong) return does_not_fit(d, *wrong, dtype);
  const auto bytes = source::encode_numbers(dtype, values);
  if (!bytes)
    return d.problem(data, "QG1404", Cause::unsupported_dtype, fmt::format("values of {} cannot stand in a list", name(dtype)));
  return Buffer::copy_of(*bytes);
}

constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

Result<Shape> shape_of(const Document& d, const Json& list) {
  Shape shape;
  for (const Json* level = &list; level->list();) {
    shape.mutable_dims().push_back(static_cast<std::int64_t>(level->list()->size()));
    if (level->list()->empty()) break;
    level = &level->list()->front();
  }
  const auto even = [&](const auto& self, const Json& v, std::size_t axis) -> const Json* {
    const auto* items = v.list();
    if (axis == shape.rank()) return items ? &v : nullptr;
    if (!items || static_cast<std::int64_t>(items->size()) != shape[axis]) return &v;
    for (const Json& item : *items)
      if (const Json* wrong = self(self, item, axis + 1)) return wrong;
    return nullptr;
  };
  if (const Json* wrong = even(even, list, 0))
    return d.problem(*wrong, "QG1405", Cause::data_size_mismatch,
                     fmt::format("the list is ragged: this is not of shape {}", shape.to_string()));
  return shape;
}

Result<Buffer> bytes_of(const Document& d, const Json& data, DType dtype, const Shape& shape) {
  const auto elements = shape.elements();
  if (!elements)
    return d.problem(data, "QG1405", Cause::shape_mismatch, "a constant of shape " + shape.to_string() + " has no size");
  const auto size = byte_size(storage(dtype), *elements);
  if (data.has("base64")) {
    const std::string* text = data["base64"].text();
    auto bytes = text ? from_base64(*text) : std::nullopt;
    if (!bytes) return d.problem(data["base64"], "QG1404", Cause::unreadable_file, "this is not base64");
    if (size && bytes->size() != *size)
      return d.problem(
          data, "QG1405", Cause::data_size_mismatch,
          fmt::format("{} bytes stand where {} of shape {} takes {}", bytes->size(), name(dtype), shape.to_string(), *size));
    return Buffer::copy_of(*bytes);
  }
  std::size_t count = 0;
  each_leaf(data, [&](const Json&) { return ++count != 0; });
  if (count != static_cast<std::size_t>(*elements))
    return d.problem(data, "QG1405", Cause::data_size_mismatch,
                     fmt::format("{} values stand where shape {} takes {}", count, shape.to_string(), *elements));
  const DType stored = storage(dtype);
  if (stored == DType::string) return strings_of(d, data);
  if (is_float(stored) && stored != DType::float32 && stored != DType::float64) return small_floats_of(d, data, stored);
  if (!is_float(stored) && stored != DType::boolean && !is_integer(stored))
    return d.problem(data, "QG1404", Cause::unsupported_dtype,
                     fmt::format("values of {} cannot stand in a list; give their bytes as {{\"base64\": ...}}", name(dtype)));
  std::vector<std::byte> out;
  out.reserve(size.value_or(0));
  const Json* wrong = nullptr;
  each_leaf(data, [&](const Json& v) {
    if (!append(out, v, stored)) wrong = &v;
    return wrong == nullptr;
  });
  if (wrong) return does_not_fit(d, *wrong, stored);
  if (bits(stored) < 8) out = packed(out, bits(stored));
  return Buffer::copy_of(out);
}

Result<Shape> read_shape(const Document& d, const Json& list) {
  Shape shape;
  if (!list.list())
    return d.problem(list, "QG1404", Cause::invalid_attribute,
                     fmt::format("a shape is a list of numbers, this is {}", list.kind()));
  for (const Json& v : *list.list()) {
    const auto i = v.integer();
    if (!i || *i < -1)
      return d.problem(v, "QG1404", Cause::invalid_attribute, "a dimension is a whole number, or -1 where it is not known");
    shape.mutable_dims().push_back(*i);
  }
  return shape;
}

Result<DType> read_dtype(const Document& d, const Json& word) {
  const std::string* s = word.text();
  const auto dtype = s ? dtype_from_name(*s) : std::nullopt;
  if (dtype) return *dtype;
  return d.problem(word, "QG1404", Cause::unsupported_dtype,
                   fmt::format("{} is no dtype that qgraph knows", s ? "'" + *s + "'" : std::string(word.kind())));
}

std::optional<Extent> extent_of(const Json& list) {
  Extent e;
  const bool numbers = each_leaf(list, [&](const Json& v) {
    const auto x = v.number();
    if (!x) return false;
    if (e.count == 0) e.min = e.max = *x;
    e.min = std::min(e.min, *x);
    e.max = std::max(e.max, *x);
    e.whole = e.whole && *x == std::trunc(*x);
    ++e.count;
    return true;
  });
  return numbers ? std::optional(e) : std::nullopt;
}

std::string base64(std::span<const std::byte> bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8U | (i + k < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i + k]) : 0U);
    const std::size_t used = std::min<std::size_t>(bytes.size() - i, 3) + 1;
    for (std::size_t k = 0; k < 4; ++k) out += k < used ? letters[group >> (18U - 6U * k) & 63U] : '=';
  }
  return out;
}

std::optional<std::vector<std::byte>> from_base64(std::string_view text) {
  static constexpr auto values = [] {
    std::array<std::int8_t, 256> table{};
    table.fill(-1);
    for (std::size_t i = 0; i < letters.size(); ++i) table[static_cast<unsigned char>(letters[i])] = static_cast<std::int8_t>(i);
    return table;
  }();
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  std::vector<std::byte> out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const bool pad = i + k >= text.size() - padding;
      const int v = pad ? 0 : values[static_cast<unsigned char>(text[i + k])];
      if (v < 0) return std::nullopt;
      group = group << 6U | static_cast<std::uint32_t>(v);
    }
    for (const unsigned shift : {16U, 8U, 0U}) out.push_back(static_cast<std::byte>(group >> shift & 255U));
  }
  out.resize(out.size() - padding);
  return out;
}

}  // namespace qgraph::formats::qgraph_json
