// Shapes, element types, buffers.
#include "qgraph/tensor.hpp"

#include <spdlog/fmt/fmt.h>

#include <cstring>
#include <new>

namespace qgraph {

bool Shape::is_static() const noexcept {
  if (!ranked_) return false;
  for (std::int64_t d : dims_)
    if (d < 0) return false;
  return true;
}

std::optional<std::int64_t> Shape::elements() const noexcept {
  if (!is_static()) return std::nullopt;
  constexpr std::int64_t limit = std::int64_t{1} << 62;
  std::int64_t count = 1;
  bool empty = false;
  for (std::int64_t d : dims_) {
    if (d == 0)
      empty = true;
    else if (count > limit / d)
      return std::nullopt;
    else
      count *= d;
  }
  return empty ? 0 : count;
}

std::string Shape::to_string() const {
  if (!ranked_) return "[...]";
  std::string text = "[";
  for (std::size_t i = 0; i < dims_.size(); ++i) {
    if (i) text += ',';
    text += dims_[i] == dynamic ? std::string("?") : std::to_string(dims_[i]);
  }
  return text + "]";
}

Quantized::Quantized(DType storage, Quantization q)
    : storage_(qgraph::storage(storage)), quantization_(std::make_shared<const Quantization>(std::move(q))) {}
Quantized::Quantized(DType storage, float scale, std::int64_t zero_point)
    : Quantized(storage, Quantization{.scales = {scale}, .zero_points = {zero_point}}) {}

DType TensorType::dtype() const noexcept {
  if (const auto* q = std::get_if<Quantized>(&element)) return qgraph::quantized(q->storage());
  return std::get_if<Plain>(&element)->dtype;
}
DType TensorType::storage() const noexcept {
  if (const auto* q = std::get_if<Quantized>(&element)) return q->storage();
  return std::get_if<Plain>(&element)->dtype;
}
const Quantization* TensorType::quantization() const noexcept {
  const auto* q = std::get_if<Quantized>(&element);
  return q ? &q->quantization() : nullptr;
}
float TensorType::scale() const noexcept {
  const auto* q = std::get_if<Quantized>(&element);
  return q ? q->scale() : 0.0F;
}
std::int64_t TensorType::zero_point() const noexcept {
  const auto* q = std::get_if<Quantized>(&element);
  return q ? q->zero_point() : 0;
}
std::optional<std::size_t> TensorType::bytes() const noexcept {
  const auto count = shape.elements();
  return count ? byte_size(storage(), *count) : std::nullopt;
}
std::string TensorType::to_string() const {
  std::string text(name(dtype()));
  text += shape.to_string();
  if (const Quantization* q = quantization()) {
    if (q->per_tensor())
      text += fmt::format(" scale {} zero_point {}", q->scales[0], q->zero_point());
    else if (q->block_size > 0)
      text += fmt::format(" blocks of {} along axis {}", q->block_size, q->axis);
    else
      text += fmt::format(" {} scales along axis {}", q->scales.size(), q->axis);
  }
  return text;
}

Buffer Buffer::copy_of(std::span<const std::byte> bytes) {
  if (bytes.empty()) return {};
  constexpr std::align_val_t alignment{64};
  void* memory = ::operator new(bytes.size(), alignment);
  std::memcpy(memory, bytes.data(), bytes.size());
  std::shared_ptr<const void> owner(memory, [](const void* p) { ::operator delete(const_cast<void*>(p), alignment); });
  return {std::move(owner), {static_cast<const std::byte*>(memory), bytes.size()}};
}

Buffer Buffer::own(std::vector<std::byte> bytes) {
  auto kept = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  const std::span<const std::byte> view(kept->data(), kept->size());
  return {std::shared_ptr<const void>(kept, kept->data()), view};
}

}  // namespace qgraph
