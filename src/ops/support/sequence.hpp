// ONNX's sequences as bytes of a DType::variant: how many tensors, then each one's dtype, shape and bytes, in words of 64 bits.
// An optional that comes from outside is a sequence too, of what it holds; with -1 for the number of tensors it holds nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "ops/op_def.hpp"

namespace qgraph::ops {

struct SequenceItem {
  DType dtype = DType::unknown;
  Shape shape{};
  std::span<const std::byte> bytes{};
};
using Sequence = std::vector<SequenceItem>;

/// Its items, which point into the bytes; nothing where these are no sequence.
std::optional<Sequence> read_sequence(std::span<const std::byte> bytes);
std::vector<std::byte> pack_sequence(const Sequence& items);
/// Bytes of an optional that holds nothing.
std::vector<std::byte> pack_nothing();
bool holds_nothing(std::span<const std::byte> bytes) noexcept;

/// Operand i as a sequence. Where it is none the run is ended.
std::optional<Sequence> sequence_operand(const KernelArgs& args, std::size_t i) noexcept;
/// Output o becomes this sequence, or this tensor. False: no memory.
bool give_sequence(const KernelArgs& args, std::size_t o, const Sequence& items) noexcept;
bool give_item(const KernelArgs& args, std::size_t o, const SequenceItem& item) noexcept;
inline SequenceItem item_of(const View& v) { return {v.type->storage(), v.shape(), {v.data, v.bytes}}; }

/// Attribute of ops that make sequences: translations look for it.
struct SequenceOf {
  DType element = DType::unknown;
};
inline constexpr std::array sequence_attributes{attr<&SequenceOf::element>("element", "dtype of the sequence's tensors")};

}  // namespace qgraph::ops
