// Reading and writing .npy. The format is NumPy's NEP 1: magic, version, length of a header that is a Python dict, the elements.
#include "cli/npy.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <limits>

#include "cli/widen.hpp"

namespace qgraph::cli {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 40;

Report wrong(std::string why) { return failure("QG1901", Cause::unreadable_file, "not a readable .npy file: " + std::move(why)); }

struct Header {
  char kind = 0;          // NumPy's: i u f c b S U
  std::size_t width = 0;  // bytes of an element; of U: characters
  bool big_endian = false, fortran = false;
  std::vector<std::int64_t> shape{};
};

/// The text after "'key':" in the dict.
std::string_view value_of(std::string_view dict, std::string_view key) {
  for (const char quote : {'\'', '"'}) {
    const std::string wanted = quote + std::string(key) + quote;
    std::size_t at = dict.find(wanted);
    if (at == std::string_view::npos) continue;
    at = dict.find(':', at + wanted.size());
    if (at == std::string_view::npos) return {};
    at = dict.find_first_not_of(" ", at + 1);
    return at == std::string_view::npos ? std::string_view{} : dict.substr(at);
  }
  return {};
}

std::optional<Header> parse_header(std::string_view dict) {
  Header h;
  const std::string_view descr = value_of(dict, "descr"), order = value_of(dict, "fortran_order"),
                         shape = value_of(dict, "shape");
  if (descr.size() < 4 || (descr[0] != '\'' && descr[0] != '"') || shape.empty() || shape[0] != '(') return std::nullopt;
  h.big_endian = descr[1] == '>';
  h.kind = descr[2];
  const char* end = descr.data() + descr.size();
  if (std::string_view("<>|=").find(descr[1]) == std::string_view::npos) return std::nullopt;
  if (std::from_chars(descr.data() + 3, end, h.width).ec != std::errc{}) return std::nullopt;
  h.fortran = order.starts_with("True");
  const std::size_t close = shape.find(')');
  if (close == std::string_view::npos) return std::nullopt;
  const char* p = shape.data() + 1;
  const char* last = shape.data() + close;
  while (p < last) {
    if (*p == ' ' || *p == ',') {
      ++p;
      continue;
    }
    std::int64_t dim = 0;
    const auto [next, ec] = std::from_chars(p, last, dim);
    if (ec != std::errc{} || dim < 0 || h.shape.size() >= 64) return std::nullopt;
    h.shape.push_back(dim);
    p = next < last && *next == 'L' ? next + 1 : next;  // Python 2 wrote long integers
  }
  return h;
}

DType dtype_of(const Header& h) {
  const auto pick = [&](std::initializer_list<std::pair<std::size_t, DType>> list) {
    for (const auto& [width, dtype] : list)
      if (width == h.width) return dtype;
    return DType::unknown;
  };
  switch (h.kind) {
    case 'b': return pick({{1, DType::boolean}});
    case 'i': return pick({{1, DType::int8}, {2, DType::int16}, {4, DType::int32}, {8, DType::int64}});
    case 'u': return pick({{1, DType::uint8}, {2, DType::uint16}, {4, DType::uint32}, {8, DType::uint64}});
    case 'f': return pick({{2, DType::float16}, {4, DType::float32}, {8, DType::float64}});
    case 'c': return pick({{8, DType::complex64}, {16, DType::complex128}});
    case 'S':
    case 'U': return DType::string;
    default: return DType::unknown;
  }
}

void swap_bytes(std::vector<std::byte>& data, std::size_t width) {
  for (std::size_t i = 0; i + width <= data.size(); i += width)
    std::reverse(data.begin() + static_cast<std::ptrdiff_t>(i), data.begin() + static_cast<std::ptrdiff_t>(i + width));
}

/// From column-major to row-major.
std::vector<std::byte> to_row_major(const std::vector<std::byte>& data, const std::vector<std::int64_t>& shape,
                                    std::size_t width) {
  std::vector<std::byte> out(data.size());
  std::vector<std::int64_t> index(shape.size(), 0), step(shape.size(), 1);
  for (std::size_t d = 1; d < shape.size(); ++d) step[d] = step[d - 1] * shape[d - 1];
  for (std::size_t to = 0; to + width <= out.size(); to += width) {
    std::int64_t from = 0;
    for (std::size_t d = 0; d < shape.size(); ++d) from += index[d] * step[d];
    std::memcpy(out.data() + to, data.data() + static_cast<std::size_t>(from) * width, width);
    for (std::size_t d = shape.size(); d-- > 0;) {
      if (++index[d] < shape[d]) break;
      index[d] = 0;
    }
  }
  return out;
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0 | c >> 6);
    return put(0x80 | (c & 0x3F));
  }
  if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    return put(0x80 | (c & 0x3F));
  }
  put(0xF0 | (c >> 18 & 7));
  put(0x80 | (c >> 12 & 0x3F));
  put(0x80 | (c >> 6 & 0x3F));
  put(0x80 | (c & 0x3F));
}

std::vector<std::string> texts_of(const std::vector<std::byte>& data, char kind, std::size_t width, std::size_t count) {
  std::vector<std::string> texts(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::byte* at = data.data() + i * width;
    if (kind == 'S') {
      texts[i].assign(reinterpret_cast<const char*>(at), width);
      while (!texts[i].empty() && texts[i].back() == '\0') texts[i].pop_back();
      continue;
    }
    for (std::size_t k = 0; k + 4 <= width; k += 4) {
      std::uint32_t c = 0;
      std::memcpy(&c, at + k, 4);
      if (c) append_utf8(texts[i], c);
    }
  }
  return texts;
}

}  // namespace

Result<Tensor> parse_npy(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.size() < 10 || !text.starts_with(magic)) return wrong("it does not begin as one");
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(text[i])); };
  const std::size_t version = byte(6), start = version == 1 ? 10 : 12;
  if (version < 1 || version > 3) return wrong(fmt::format("version {}", version));
  if (text.size() < start) return wrong("its header is cut off");
  std::size_t length = byte(8) | byte(9) << 8;
  if (version > 1) length |= byte(10) << 16 | byte(11) << 24;
  if (length > text.size() - start) return wrong("its header is cut off");
  const auto header = parse_header(text.substr(start, length));
  if (!header) return wrong("its header is not understood (structured dtypes and objects are not read)");
  const Header& h = *header;
  const DType dtype = dtype_of(h);
  if (dtype == DType::unknown) return wrong(fmt::format("dtype {}{}", h.kind, h.width));
  const std::size_t width = h.kind == 'U' ? h.width * 4 : h.width;
  std::uint64_t count = 1;
  for (std::int64_t d : h.shape) {
    const auto dim = static_cast<std::uint64_t>(d);
    if (dim != 0 && count > most_bytes / dim) return wrong("its shape is too large");
    count *= dim;
  }
  if (width > most_bytes || (width != 0 && count > most_bytes / width)) return wrong("its shape is too large");
  const std::uint64_t size = count * width, have = text.size() - start - length;
  if (size > have) return wrong(fmt::format("{} bytes of elements where its shape needs {}", have, size));
  const std::span<const std::byte> elements = bytes.subspan(start + length, static_cast<std::size_t>(size));
  std::vector<std::byte> data(elements.begin(), elements.end());
  if (h.big_endian && h.kind != 'S') swap_bytes(data, h.kind == 'c' ? width / 2 : h.kind == 'U' ? 4 : width);
  if (h.fortran && h.shape.size() > 1 && width > 0 && count > 0) data = to_row_major(data, h.shape, width);
  if (dtype == DType::string) {
    if (count > std::numeric_limits<std::int32_t>::max() / 8) return wrong("too many strings");
    data = pack_strings(texts_of(data, h.kind, width, static_cast<std::size_t>(count)));
  }
  return Tensor({dtype, Shape(h.shape)}, Buffer::copy_of(data));
}

Result<Tensor> read_npy(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  const std::streamoff size = in ? static_cast<std::streamoff>(in.tellg()) : -1;
  if (size < 0) return failure("QG1001", Cause::unreadable_file, "cannot open '" + file.string() + "'");
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  in.seekg(0);
  if (!in.read(reinterpret_cast<char*>(bytes.data()), size))
    return failure("QG1001", Cause::unreadable_file, "cannot read '" + file.string() + "'");
  return parse_npy(bytes);
}

Result<std::vector<std::byte>> npy_bytes(const TensorType& type, std::span<const std::byte> data) {
  const auto count = type.shape.elements();
  if (!count) return failure("QG1902", Cause::shape_mismatch, "the shape " + type.shape.to_string() + " is not concrete");
  const auto wide = widened(type.storage(), data, static_cast<std::size_t>(*count));
  if (!wide)
    return failure("QG1902", Cause::unsupported_dtype,
                   fmt::format("{} elements cannot be written as .npy", name(type.storage())));
  std::string shape;
  for (std::int64_t d : type.shape) shape += std::to_string(d) + (type.shape.rank() == 1 ? "," : ", ");
  if (type.shape.rank() > 1) shape.resize(shape.size() - 2);
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", wide->descr, shape);
  // The elements begin at a multiple of 64; the header ends with a newline.
  const bool large = header.size() + 64 > 0xFFFF;
  const std::size_t start = large ? 12 : 10;
  header.append(63 - (start + header.size()) % 64, ' ');
  header += '\n';
  std::string head(magic);
  head += large ? '\x02' : '\x01';
  head += '\0';
  for (std::size_t i = 0; i < start - 8; ++i) head += static_cast<char>(header.size() >> (8 * i) & 0xFF);
  head += header;
  std::vector<std::byte> out(head.size() + wide->data.size());
  std::memcpy(out.data(), head.data(), head.size());
  if (!wide->data.empty()) std::memcpy(out.data() + head.size(), wide->data.data(), wide->data.size());
  return out;
}

Result<Tensor> as_input(Tensor array, const TensorType& wanted) {
  const DType have = array.type.storage(), want = wanted.storage();
  TensorType type = wanted;
  type.shape = array.type.shape;
  if (have == want || want == DType::unknown || (want == DType::resource && have == DType::int32)) {
    if (want != DType::unknown) array.type = type;
    return array;
  }
  const auto count = array.type.shape.elements();
  auto narrow = count ? narrowed(have, array.data.bytes, static_cast<std::size_t>(*count), want) : std::nullopt;
  if (!narrow)
    return failure("QG1903", Cause::dtype_contradiction,
                   fmt::format("the array is {}, the input takes {}", name(have), name(want)));
  return Tensor(type, Buffer::own(std::move(*narrow)));
}

}  // namespace qgraph::cli
