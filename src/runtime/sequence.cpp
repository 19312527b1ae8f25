// Sequences at a Session's boundary.
#include "qgraph/sequence.hpp"

#include "ops/support/sequence.hpp"
#include "ops/support/string_tensor.hpp"

namespace qgraph {
namespace {

bool whole(const Tensor& t) {
  if (!t.type.shape.is_static()) return false;
  if (t.type.storage() != DType::string) return t.type.bytes() == t.data.bytes.size();
  const auto strings = ops::StringTensor::read(t.data.bytes);
  return strings && strings->size() == t.type.shape.elements();
}

}  // namespace

Tensor sequence_of(std::span<const Tensor> items) {
  ops::Sequence sequence;
  for (const Tensor& t : items) sequence.push_back({.dtype = t.type.storage(), .shape = t.type.shape, .bytes = t.data.bytes});
  return {TensorType(DType::variant, Shape{}), Buffer::own(ops::pack_sequence(sequence))};
}

Tensor empty_optional() { return {TensorType(DType::variant, Shape{}), Buffer::own(ops::pack_nothing())}; }

std::optional<std::vector<Tensor>> sequence_items(const TensorView& value) {
  const auto sequence = value.type && value.type->storage() == DType::variant ? ops::read_sequence(value.bytes) : std::nullopt;
  if (!sequence) return std::nullopt;
  std::vector<Tensor> items;
  for (const ops::SequenceItem& item : *sequence) {
    items.emplace_back(TensorType(item.dtype, item.shape), Buffer::borrow(item.bytes));
    if (!whole(items.back())) return std::nullopt;
  }
  return items;
}

}  // namespace qgraph
