// Elements out of raw_data, typed lists and sparse pairs. Only what is not raw is copied.
#include "formats/onnx/constants.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/checked_math.hpp"
#include "formats/onnx/schema.hpp"
#include "formats/onnx/tensor_types.hpp"
#include "source/numbers.hpp"

namespace qgraph::formats::onnx {
namespace {

namespace tf = tensor_field;

void append_bytes(std::vector<std::byte>& out, const void* from, std::size_t count) {
  if (count == 0) return;
  out.resize(out.size() + count);
  std::memcpy(out.data() + (out.size() - count), from, count);
}

/// Bytes of one number of int32_data: elements of up to 32 bits, packed pairs and quadruples of smaller ones as one byte.
std::size_t width_in_int32_data(DType dtype) noexcept {
  const int n = bits(dtype);
  return n <= 0 || n > 32 ? 0 : static_cast<std::size_t>(std::max(n / 8, 1));
}

/// Integers that a tool left among the floats; none where one is not whole or does not fit.
void append_whole(const Field& f, DType dtype, std::vector<std::byte>& out) {
  std::vector<float> values;
  append_fixed<float>(f, values);
  const std::vector<double> wide(values.begin(), values.end());
  const IntegerRange range = integer_range(dtype);
  const bool whole = std::ranges::all_of(wide, [&](double v) {
    return v >= static_cast<double>(range.min) && v <= static_cast<double>(range.max) && v == std::trunc(v);
  });
  if (!whole || bits(dtype) < 8 || bits(dtype) > 32) return;
  if (const auto bytes = source::encode_numbers(dtype, wide)) append_bytes(out, bytes->data(), bytes->size());
}

void append_list(const Field& f, DType dtype, std::vector<std::byte>& out) {
  const auto integers = [&](std::size_t width) {
    std::vector<std::int64_t> values;
    append_integers(f, values);
    for (const std::int64_t v : values) append_bytes(out, &v, width);
  };
  const auto reals = [&]<class T>(T) {
    std::vector<T> values;
    append_fixed<T>(f, values);
    append_bytes(out, values.data(), values.size() * sizeof(T));
  };
  switch (f.number) {
    case tf::float_data:
      if (dtype == DType::float32 || dtype == DType::complex64) reals(float{});
      if (is_integer(dtype)) append_whole(f, dtype, out);
      break;
    case tf::double_data:
      if (dtype == DType::float64 || dtype == DType::complex128) reals(double{});
      break;
    case tf::int64_data:
      if (dtype == DType::int64) integers(8);
      break;
    case tf::uint64_data:
      if (dtype == DType::uint64) integers(8);
      if (dtype == DType::uint32) integers(4);
      break;
    case tf::int32_data:
      if (dtype != DType::float32 && dtype != DType::uint32) integers(width_in_int32_data(dtype));
      break;
    default: break;
  }
}

std::vector<std::string> texts_of(Bytes message) {
  std::vector<std::string> texts;
  for_each_field(message, [&](const Field& f) {
    if (f.is(tf::string_data, Wire::length)) texts.emplace_back(f.text());
  });
  return texts;
}

bool is_list(std::uint32_t field) noexcept {
  return (field >= tf::float_data && field <= tf::int64_data) || field == tf::double_data || field == tf::uint64_data;
}

/// Reads the indices of a sparse tensor: positions in the flat tensor, or one row of coordinates per element.
Result<std::vector<std::int64_t>> flat_positions(const SparseMessage& s, std::int64_t elements, std::size_t count,
                                                 const Buffer& file) {
  const auto bad = [](std::string why) {
    return failure("QG1016", Cause::unreadable_file, "the indices of a sparse tensor are malformed", std::move(why));
  };
  const Buffer stored = elements_of(s.indices, file);
  if (dtype_of(s.indices.data_type) != DType::int64) return bad("they are not int64");
  std::vector<std::int64_t> numbers(stored.bytes.size() / 8);
  if (!numbers.empty()) std::memcpy(numbers.data(), stored.bytes.data(), numbers.size() * 8);
  const std::size_t rank = s.dims.size();
  std::vector<std::int64_t> flat;
  if (s.indices.dims.size() == 2 && rank > 0) {
    if (numbers.size() / rank != count || numbers.size() % rank != 0)
      return bad(fmt::format("{} indices for {} values", numbers.size(), count));
    for (std::size_t i = 0; i < count; ++i) {
      std::int64_t at = 0;
      for (std::size_t d = 0; d < rank; ++d) {
        const std::int64_t v = numbers[i * rank + d];
        if (v < 0 || v >= s.dims[d]) return bad(fmt::format("{} is outside of dimension {}", v, d));
        at = at * s.dims[d] + v;  // below `elements`, which does not overflow
      }
      flat.push_back(at);
    }
  } else {
    if (numbers.size() != count) return bad(fmt::format("{} indices for {} values", numbers.size(), count));
    flat = std::move(numbers);
  }
  for (const std::int64_t at : flat)
    if (at < 0 || at >= elements) return bad(fmt::format("position {} of {}", at, elements));
  return flat;
}

}  // namespace

std::vector<std::byte> packed_strings(std::span<const std::string> texts) {
  std::vector<std::byte> out;
  const auto put = [&](std::size_t v) {
    const auto n = static_cast<std::int32_t>(v);
    append_bytes(out, &n, 4);
  };
  put(texts.size());
  std::size_t at = (texts.size() + 2) * 4;
  put(at);
  for (const std::string& t : texts) put(at += t.size());
  for (const std::string& t : texts) append_bytes(out, t.data(), t.size());
  return out;
}

TensorMessage read_tensor(Bytes message) {
  TensorMessage t{.message = message};
  for_each_field(message, [&](const Field& f) {
    if (f.number == tf::dims)
      append_integers(f, t.dims);
    else if (f.is(tf::data_type, Wire::varint))
      t.data_type = f.integer();
    else if (f.is(tf::name, Wire::length))
      t.name = f.text();
    else if (f.is(tf::raw_data, Wire::length))
      t.raw = f.bytes;
    else if (f.is(tf::data_location, Wire::varint))
      t.external = f.value == 1;
    else if (is_list(f.number)) {
      t.lists = true;
      t.reals = t.reals || f.number == tf::float_data;
    } else if (f.is(tf::external_data, Wire::length)) {
      std::string_view key, value;
      for_each_field(f.bytes, [&](const Field& e) {
        if (e.is(1, Wire::length)) key = e.text();
        if (e.is(2, Wire::length)) value = e.text();
      });
      t.entries.emplace_back(key, value);
    }
  });
  if (t.raw && t.raw->empty() && t.lists) t.raw.reset();
  return t;
}

SparseMessage read_sparse(Bytes message) {
  SparseMessage s;
  for_each_field(message, [&](const Field& f) {
    if (f.is(1, Wire::length)) s.values = read_tensor(f.bytes);
    if (f.is(2, Wire::length)) s.indices = read_tensor(f.bytes);
    if (f.number == 3) append_integers(f, s.dims);
  });
  return s;
}

Buffer elements_of(const TensorMessage& t, const Buffer& file) {
  const DType dtype = dtype_of(t.data_type);
  if (t.raw && dtype != DType::string) {
    if (lies_aligned(*t.raw, dtype)) return Buffer{file.owner, *t.raw};
    return Buffer::copy_of(*t.raw);
  }
  if (dtype == DType::string) return Buffer::copy_of(packed_strings(texts_of(t.message)));
  std::vector<std::byte> out;
  for_each_field(t.message, [&](const Field& f) {
    if (is_list(f.number)) append_list(f, dtype, out);
  });
  return Buffer::copy_of(out);
}

bool lies_aligned(Bytes bytes, DType dtype) noexcept {
  const auto width = static_cast<std::uintptr_t>(std::clamp(bits(dtype) / 8, 1, 8));
  return bytes.empty() || reinterpret_cast<std::uintptr_t>(bytes.data()) % width == 0;
}

std::uint64_t decoded_size(const TensorMessage& t) noexcept {
  // A varint of one byte becomes up to 8; an empty string 4 and its offset.
  return t.raw ? 0 : std::uint64_t{t.message.size()} * 8;
}

std::optional<Tensor> tensor_value(Bytes message, const Buffer& file) {
  TensorMessage t = read_tensor(message);
  if (t.external) return std::nullopt;
  TensorType type(dtype_of(t.data_type), Shape(std::move(t.dims)));
  Buffer data = elements_of(t, file);
  if (type.dtype() != DType::string && type.bytes() != std::optional<std::size_t>(data.bytes.size())) return std::nullopt;
  return Tensor(std::move(type), std::move(data));
}

Result<Buffer> dense_elements(const SparseMessage& s, const Buffer& file, std::uint64_t limit) {
  const DType dtype = dtype_of(s.values.data_type);
  const std::size_t width = static_cast<std::size_t>(bits(dtype)) / 8;
  const auto elements = checked_product(s.dims);
  const auto bad = [](std::string why) {
    return failure("QG1016", Cause::unreadable_file, "a sparse tensor is malformed", std::move(why));
  };
  if (width == 0) return bad("its values are of no fixed number of bytes");
  const auto bytes = elements ? checked_mul(static_cast<std::uint64_t>(*elements), std::uint64_t{width}) : std::nullopt;
  if (!bytes || *bytes > limit)
    return failure("QG9002", Cause::resource_limit, "a sparse tensor is larger than the limit",
                   "the limits are LoadOptions::budgets");
  const Buffer values = elements_of(s.values, file);
  const std::size_t count = values.bytes.size() / width;
  auto positions = flat_positions(s, *elements, count, file);
  if (!positions) return std::move(positions).error();
  std::vector<std::byte> dense(static_cast<std::size_t>(*bytes));
  for (std::size_t i = 0; i < count; ++i)
    std::memcpy(dense.data() + static_cast<std::size_t>((*positions)[i]) * width, values.bytes.data() + i * width, width);
  return Buffer::copy_of(dense);
}

Result<Buffer> decode_tensor(const source::Model& model, const source::SourceTensor& tensor) {
  return elements_of(read_tensor(tensor.data.bytes.bytes), state_of(model).file);
}

Result<Buffer> decode_sparse(const source::Model& model, const source::SourceTensor& tensor) {
  const State& state = state_of(model);
  return dense_elements(read_sparse(tensor.data.bytes.bytes), state.file, state.budgets.tensor_bytes);
}

}  // namespace qgraph::formats::onnx
