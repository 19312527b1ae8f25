// What infer functions share.
#include "ops/infer.hpp"

#include <algorithm>
#include <cstring>

namespace qgraph {
namespace {

template <class T>
std::vector<std::int64_t> widen(std::span<const std::byte> bytes) {
  std::vector<std::int64_t> values(bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < values.size(); ++i) {
    T v;
    std::memcpy(&v, bytes.data() + i * sizeof(T), sizeof(T));
    values[i] = static_cast<std::int64_t>(v);
  }
  return values;
}

}  // namespace

std::optional<std::vector<std::int64_t>> InferContext::integers(std::size_t i) const {
  if (!has(i) || i >= values.size() || values[i] == nullptr) return std::nullopt;
  const auto bytes = *values[i];
  switch (input(i).storage()) {
    case DType::boolean:
    case DType::uint8: return widen<std::uint8_t>(bytes);
    case DType::int8: return widen<std::int8_t>(bytes);
    case DType::int16: return widen<std::int16_t>(bytes);
    case DType::uint16: return widen<std::uint16_t>(bytes);
    case DType::int32: return widen<std::int32_t>(bytes);
    case DType::uint32: return widen<std::uint32_t>(bytes);
    case DType::int64:
    case DType::uint64: return widen<std::int64_t>(bytes);
    default: return std::nullopt;
  }
}

TensorType InferContext::declared(std::size_t o) const {
  return o < declared_outputs.size() ? declared_outputs[o] : TensorType(DType::unknown, Shape::unknown_rank());
}

ElementType InferContext::declared_element(std::size_t o, const ElementType& fallback) const {
  const auto* q = std::get_if<Quantized>(&fallback);
  const DType storage = q ? q->storage() : std::get_if<Plain>(&fallback)->dtype;
  const TensorType d = declared(o);
  if (d.dtype() != DType::unknown && (storage == DType::unknown || d.storage() == storage) && (d.quantized() || !q))
    return d.element;
  if (q) return Quantized(q->storage(), Quantization{});
  return fallback;
}

Report constraint(std::string_view label, std::string message, Cause cause) {
  return failure("QG4101", cause, std::move(message), "constraint " + std::string(label));
}

std::optional<Shape> broadcast(const Shape& a, const Shape& b) {
  if (!a.ranked() || !b.ranked()) return Shape::unknown_rank();
  const std::size_t rank = std::max(a.rank(), b.rank());
  std::vector<std::int64_t> dims(rank);
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t x = i + a.rank() < rank ? 1 : a[i + a.rank() - rank];
    const std::int64_t y = i + b.rank() < rank ? 1 : b[i + b.rank() - rank];
    if (x == y || y == 1)
      dims[i] = x;
    else if (x == 1)
      dims[i] = y;
    else if (x == Shape::dynamic)
      dims[i] = y;
    else if (y == Shape::dynamic)
      dims[i] = x;
    else
      return std::nullopt;
  }
  return Shape(std::move(dims));
}

std::optional<std::size_t> normalize_axis(std::int64_t axis, std::size_t rank) noexcept {
  const auto r = static_cast<std::int64_t>(rank);
  if (axis < -r || axis >= r) return std::nullopt;
  return static_cast<std::size_t>(axis < 0 ? axis + r : axis);
}

}  // namespace qgraph
