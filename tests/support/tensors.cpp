// Tensors for tests: from JSON and .npy, and how two of them differ.
#include "support/tensors.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstring>
#include <map>
#include <stdexcept>

#include "support/files.hpp"

namespace qgraph::test {
namespace {

float float16_value(std::uint16_t h) {
  const int exponent = h >> 10 & 31, fraction = h & 1023;
  const float magnitude = exponent == 31  ? (fraction != 0 ? NAN : INFINITY)
                          : exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                                          : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
  return (h & 0x8000) != 0 ? -magnitude : magnitude;
}

template <class T>
T element(const std::byte* bytes, std::size_t i) {
  T value;
  std::memcpy(&value, bytes + i * sizeof(T), sizeof(T));
  return value;
}

std::complex<double> real_element(DType dtype, const std::byte* bytes, std::size_t i) {
  switch (dtype) {
    case DType::float32: return static_cast<double>(element<float>(bytes, i));
    case DType::float64: return element<double>(bytes, i);
    case DType::float16: return static_cast<double>(float16_value(element<std::uint16_t>(bytes, i)));
    case DType::bfloat16: {
      const std::uint32_t bits = std::uint32_t{element<std::uint16_t>(bytes, i)} << 16;
      float value;
      std::memcpy(&value, &bits, sizeof(value));
      return static_cast<double>(value);
    }
    case DType::complex64: return std::complex<double>(element<std::complex<float>>(bytes, i));
    case DType::complex128: return element<std::complex<double>>(bytes, i);
    default: throw std::runtime_error("not a float dtype: " + std::string(name(dtype)));
  }
}

std::int64_t integer_element(DType dtype, const std::byte* bytes, std::size_t i) {
  const int width = bits(dtype);
  if (width < 8) {
    const auto per_byte = static_cast<std::size_t>(8 / width);
    const int value = std::to_integer<int>(bytes[i / per_byte]) >> (static_cast<int>(i % per_byte) * width) & ((1 << width) - 1);
    return is_signed(dtype) && (value >> (width - 1)) != 0 ? value - (1 << width) : value;
  }
  switch (dtype) {
    case DType::boolean:
    case DType::uint8: return element<std::uint8_t>(bytes, i);
    case DType::int8: return element<std::int8_t>(bytes, i);
    case DType::uint16: return element<std::uint16_t>(bytes, i);
    case DType::int16: return element<std::int16_t>(bytes, i);
    case DType::uint32: return element<std::uint32_t>(bytes, i);
    case DType::int32:
    case DType::resource: return element<std::int32_t>(bytes, i);
    case DType::uint64:
    case DType::int64: return element<std::int64_t>(bytes, i);
    default: throw std::runtime_error("not an integer dtype: " + std::string(name(dtype)));
  }
}

std::string float_difference(DType dtype, const std::byte* got, const std::byte* expected, std::size_t count, double fraction) {
  double range = 1e-6, worst = 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < count; ++i)
    if (const double magnitude = std::abs(real_element(dtype, expected, i)); std::isfinite(magnitude))
      range = std::max(range, magnitude);
  for (std::size_t i = 0; i < count; ++i) {
    const auto g = real_element(dtype, got, i), e = real_element(dtype, expected, i);
    if (g == e || (std::isnan(std::abs(g)) && std::isnan(std::abs(e)))) continue;
    const double off = std::abs(g - e);
    if (!std::isfinite(off))
      return "element " + std::to_string(i) + " is " + std::to_string(g.real()) + ", not " + std::to_string(e.real());
    if (off > worst) worst = off, at = i;
  }
  if (worst <= fraction * range) return {};
  return "element " + std::to_string(at) + " is off by " + std::to_string(worst) + " where the range is " + std::to_string(range);
}

std::string integer_difference(DType dtype, const std::byte* got, const std::byte* expected, std::size_t count,
                               std::int64_t steps) {
  std::size_t wrong = 0, first = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t g = integer_element(dtype, got, i), e = integer_element(dtype, expected, i);
    const bool same =
        steps == 0 ? g == e : std::abs(static_cast<double>(g) - static_cast<double>(e)) <= static_cast<double>(steps);
    if (!same && wrong++ == 0) first = i;
  }
  if (wrong == 0) return {};
  return std::to_string(wrong) + " of " + std::to_string(count) + " elements differ; element " + std::to_string(first) + " is " +
         std::to_string(integer_element(dtype, got, first)) + ", not " + std::to_string(integer_element(dtype, expected, first));
}

std::vector<std::byte> pack_strings(const std::vector<std::string>& texts) {
  std::vector<std::int32_t> head{static_cast<std::int32_t>(texts.size())};
  auto offset = static_cast<std::int32_t>(4 * (texts.size() + 2));
  std::string all;
  for (const std::string& text : texts) {
    head.push_back(offset);
    offset += static_cast<std::int32_t>(text.size());
    all += text;
  }
  head.push_back(offset);
  std::vector<std::byte> bytes(4 * head.size() + all.size());
  std::memcpy(bytes.data(), head.data(), 4 * head.size());
  std::ranges::copy(std::as_bytes(std::span(all)), bytes.begin() + static_cast<std::ptrdiff_t>(4 * head.size()));
  return bytes;
}

template <class T>
void append(std::vector<std::byte>& bytes, T value) {
  const auto* first = reinterpret_cast<const std::byte*>(&value);
  bytes.insert(bytes.end(), first, first + sizeof(T));
}

void append_number(std::vector<std::byte>& bytes, DType dtype, const nlohmann::json& number) {
  switch (dtype) {
    case DType::float32: return append(bytes, number.get<float>());
    case DType::float64: return append(bytes, number.get<double>());
    case DType::float16:  // only written where a short list of exact values is
    {
      const float wanted = number.get<float>();
      for (unsigned h = 0; h < 65536; ++h)
        if (const float value = float16_value(static_cast<std::uint16_t>(h));
            value == wanted && std::signbit(value) == std::signbit(wanted))
          return append(bytes, static_cast<std::uint16_t>(h));
      throw std::runtime_error("no float16");
    }
    default: break;
  }
  const auto value =
      number.is_number_unsigned() ? static_cast<std::int64_t>(number.get<std::uint64_t>()) : number.get<std::int64_t>();
  for (int byte = 0; byte < std::max(bits(dtype) / 8, 1); ++byte)
    bytes.push_back(static_cast<std::byte>(value >> (8 * byte) & 0xFF));
}

/// Elements of less than a byte stand one in a byte in a case, and packed low bits first in a Tensor.
std::vector<std::byte> pack_sub_byte(const std::vector<std::byte>& wide, int width) {
  const std::size_t per_byte = 8U / static_cast<unsigned>(width);
  std::vector<std::byte> packed((wide.size() + per_byte - 1) / per_byte);
  for (std::size_t i = 0; i < wide.size(); ++i)
    packed[i / per_byte] |= (wide[i] & static_cast<std::byte>((1 << width) - 1))
                            << (static_cast<unsigned>(width) * (i % per_byte));
  return packed;
}

}  // namespace

Tensor tensor_from_json(const nlohmann::json& json) {
  const auto dtype = dtype_from_name(json.at("dtype").get<std::string>());
  if (!dtype) throw std::runtime_error("unknown dtype in a case");
  TensorType type(*dtype, Shape(json.at("shape").get<std::vector<std::int64_t>>()));
  std::vector<std::byte> bytes;
  if (json.contains("base64"))
    bytes = from_base64(json["base64"].get<std::string>());
  else if (*dtype == DType::string)
    bytes = pack_strings(json.at("data").get<std::vector<std::string>>());
  else
    for (const auto& number : json.at("data")) append_number(bytes, *dtype, number);
  if (const int width = bits(*dtype); width > 0 && width < 8) bytes = pack_sub_byte(bytes, width);
  if (const auto wanted = type.bytes(); wanted && *wanted != bytes.size())
    throw std::runtime_error("a case's tensor has the wrong size");
  return {std::move(type), Buffer::copy_of(bytes)};
}

Tensor read_npy(const std::filesystem::path& file) {
  const std::string text = read_text(file);
  if (text.size() < 12 || text.compare(0, 6, "\x93NUMPY") != 0) throw std::runtime_error("not .npy: " + file.string());
  const bool first = text[6] == 1;
  const auto length = first ? element<std::uint16_t>(reinterpret_cast<const std::byte*>(text.data() + 8), 0)
                            : element<std::uint32_t>(reinterpret_cast<const std::byte*>(text.data() + 8), 0);
  const std::size_t start = first ? 10 : 12;
  const std::string header = text.substr(start, length);
  const auto after = [&](const std::string& key) { return header.substr(header.find(':', header.find("'" + key + "'")) + 1); };
  if (after("fortran_order").find("True") < after("fortran_order").find(','))
    throw std::runtime_error("Fortran order: " + file.string());
  std::string descr = after("descr");
  descr = descr.substr(descr.find('\'') + 1);
  descr = descr.substr(0, descr.find('\''));
  std::vector<std::int64_t> dims;
  std::string list = after("shape");
  list = list.substr(list.find('(') + 1, list.find(')') - list.find('(') - 1);
  for (std::size_t i = 0; i < list.size();) {
    if (std::isdigit(static_cast<unsigned char>(list[i])) == 0) {
      ++i;
      continue;
    }
    std::size_t used = 0;
    dims.push_back(std::stoll(list.substr(i), &used));
    i += used;
  }
  Shape shape(std::move(dims));
  const std::span<const std::byte> data = std::as_bytes(std::span(text)).subspan(start + length);
  if (descr.size() > 1 && descr[1] == 'S') {
    const std::size_t width = std::stoul(descr.substr(2));
    std::vector<std::string> texts;
    for (std::size_t i = 0; i + width <= data.size() && width > 0; i += width) {
      std::string s(reinterpret_cast<const char*>(data.data() + i), width);
      s.resize(s.find_last_not_of('\0') + 1);
      texts.push_back(std::move(s));
    }
    return {TensorType(DType::string, std::move(shape)), Buffer::own(pack_strings(texts))};
  }
  static const std::map<std::string, DType> dtypes{
      {"f4", DType::float32}, {"f2", DType::float16}, {"f8", DType::float64},   {"b1", DType::boolean},    {"i1", DType::int8},
      {"i2", DType::int16},   {"i4", DType::int32},   {"i8", DType::int64},     {"u1", DType::uint8},      {"u2", DType::uint16},
      {"u4", DType::uint32},  {"u8", DType::uint64},  {"c8", DType::complex64}, {"c16", DType::complex128}};
  const auto dtype = dtypes.find(descr.size() > 1 ? descr.substr(1) : "");
  if (dtype == dtypes.end() || descr[0] == '>') throw std::runtime_error("dtype " + descr + " in " + file.string());
  return {TensorType(dtype->second, std::move(shape)), Buffer::copy_of(data)};
}

std::string difference(const TensorView& got, const Tensor& expected, const Tolerance& tolerance) {
  const DType dtype = got.type->storage();
  if (dtype != expected.type.storage())
    return "dtype is " + std::string(name(dtype)) + ", not " + std::string(name(expected.type.storage()));
  if (got.type->shape != expected.type.shape)
    return "shape is " + got.type->shape.to_string() + ", not " + expected.type.shape.to_string();
  if (got.bytes.size() != expected.data.bytes.size())
    return std::to_string(got.bytes.size()) + " bytes, not " + std::to_string(expected.data.bytes.size());
  if (std::ranges::equal(got.bytes, expected.data.bytes)) return {};
  const auto count = static_cast<std::size_t>(expected.type.shape.elements().value_or(0));
  if (bits(dtype) == 0) return "bytes differ";
  if (is_integer(dtype) || dtype == DType::boolean || dtype == DType::resource)
    return integer_difference(dtype, got.bytes.data(), expected.data.bytes.data(), count, tolerance.steps);
  return float_difference(dtype, got.bytes.data(), expected.data.bytes.data(), count, tolerance.bits ? 0.0 : tolerance.fraction);
}

}  // namespace qgraph::test
