// See movement.hpp.
#include "ops/support/movement.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <limits>
#include <numeric>

#include "ops/support/string_tensor.hpp"

namespace qgraph::ops {
namespace {

template <class T>
std::int64_t load(const View& view, std::int64_t i) noexcept {
  T value{};
  std::memcpy(&value, view.data + i * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
  return static_cast<std::int64_t>(value);
}

}  // namespace

std::int64_t integer_at(const View& view, std::int64_t i) noexcept {
  switch (view.type->storage()) {
    case DType::boolean:
    case DType::uint8: return load<std::uint8_t>(view, i);
    case DType::int8: return load<std::int8_t>(view, i);
    case DType::int16: return load<std::int16_t>(view, i);
    case DType::uint16: return load<std::uint16_t>(view, i);
    case DType::int32: return load<std::int32_t>(view, i);
    case DType::uint32: return load<std::uint32_t>(view, i);
    case DType::int64:
    case DType::uint64: return load<std::int64_t>(view, i);
    default: return 0;
  }
}

Integers read_integers(const View& view) noexcept {
  Integers result;
  result.count =
      static_cast<std::size_t>(std::min<std::int64_t>(view.elements(), static_cast<std::int64_t>(result.values.size())));
  for (std::size_t i = 0; i < result.count; ++i) result.values[i] = integer_at(view, static_cast<std::int64_t>(i));
  return result;
}

std::array<std::int64_t, max_rank> dense_strides(const Shape& shape) noexcept {
  std::array<std::int64_t, max_rank> strides{};
  std::int64_t stride = 1;
  for (std::size_t i = std::min(shape.rank(), max_rank); i-- > 0;) {
    strides[i] = stride;
    stride *= shape[i];
  }
  return strides;
}

std::int64_t product(const Shape& shape, std::size_t from, std::size_t to) noexcept {
  std::int64_t n = 1;
  for (std::size_t i = from; i < to; ++i) n *= shape[i];
  return n;
}

std::optional<std::int64_t> add_checked(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::nullopt : std::optional(sum);
}

std::optional<std::int64_t> multiply_checked(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t result = 0;
  return __builtin_mul_overflow(a, b, &result) ? std::nullopt : std::optional(result);
}

Shape open_shape(std::optional<std::size_t> n) {
  return n && *n <= max_rank ? Shape(std::vector<std::int64_t>(*n, Shape::dynamic)) : Shape::unknown_rank();
}

std::optional<std::size_t> vector_length(const InferContext& c, std::size_t i) {
  if (!c.has(i) || !c.shape(i).is_static()) return std::nullopt;
  const auto n = c.shape(i).elements();
  return n ? std::optional(static_cast<std::size_t>(*n)) : std::nullopt;
}

Result<TensorType> moved_type(const InferContext& c, std::string_view label, std::size_t in, std::size_t out, Shape shape,
                              bool strings) {
  const TensorType& input = c.input(in);
  const DType stored = input.storage();
  if (stored == DType::string && !strings)
    return constraint(label, "strings cannot be moved by this op", Cause::unsupported_dtype);
  if (stored != DType::unknown && stored != DType::string && bits(stored) == 0)
    return constraint(label, "elements of " + std::string(name(stored)) + " have no size that is known here",
                      Cause::unsupported_dtype);
  if (shape.rank() > max_rank || input.shape.rank() > max_rank)
    return constraint(
        label, "rank " + std::to_string(std::max(shape.rank(), input.shape.rank())) + " is beyond " + std::to_string(max_rank),
        Cause::resource_limit);
  TensorType result = c.output(out, input.element, std::move(shape));
  // What nobody declares is inherited; but parameters along an axis do not survive a change of shape by themselves.
  const Quantization* q = input.quantization();
  if (q && q->per_tensor() && result.quantized() && result.quantization()->scales.empty()) result.element = input.element;
  return result;
}

Result<Types> moved(const InferContext& c, std::string_view label, Shape shape, bool strings) {
  Result<TensorType> type = moved_type(c, label, 0, 0, std::move(shape), strings);
  if (!type) return std::move(type).error();
  return Types{*std::move(type)};
}

void fail_index(const KernelArgs& args, std::string_view op, std::int64_t index, std::int64_t size) noexcept {
  char text[160];
  const int n = std::snprintf(text, sizeof(text), "%.*s: index %lld is outside of [0, %lld)", static_cast<int>(op.size()),
                              op.data(), static_cast<long long>(index), static_cast<long long>(size));
  args.control->fail(std::string_view(text, static_cast<std::size_t>(std::clamp(n, 0, static_cast<int>(sizeof(text)) - 1))));
}

int element_bits(const View& view) noexcept { return bits(view.type->storage()); }

void clear_tail(const View& view) noexcept {
  const int b = element_bits(view);
  if (b > 0 && b < 8 && view.bytes > 0) view.data[view.bytes - 1] = std::byte{0};
}

namespace detail {

std::vector<std::int32_t> counting(std::int64_t n) {
  std::vector<std::int32_t> result(static_cast<std::size_t>(n));
  std::iota(result.begin(), result.end(), 0);
  return result;
}

void move_strings(const KernelArgs& args, const View& in, std::size_t out, std::span<const std::int32_t> positions) noexcept {
  const auto strings = StringTensor::read({in.data, in.bytes});
  if (!strings) return args.control->fail("the string tensor's offsets are not in order or beyond its end");
  std::vector<std::string_view> moved;
  moved.reserve(positions.size());
  for (std::int32_t p : positions) {
    if (p < 0 || p >= strings->size()) return fail_index(args, "string tensor", p, strings->size());
    moved.push_back((*strings)[p]);
  }
  const auto bytes = packed_bytes(moved);
  if (!bytes) return args.control->fail("the strings take more than 2 GiB");
  std::byte* data = args.control->resize(out, *args.outputs[out].type, *bytes);
  if (data) pack_strings(moved, data);
}

}  // namespace detail

void copy_bytes(const KernelArgs& args) noexcept {
  const View& in = args.inputs[0];
  std::byte* out = args.outputs[0].data;
  if (in.type->storage() == DType::string) out = args.control->resize(0, *args.outputs[0].type, in.bytes);
  if (out && in.bytes > 0 && out != in.data) std::memmove(out, in.data, in.bytes);
}

}  // namespace qgraph::ops
