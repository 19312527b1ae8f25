// See sequence.hpp.
#include "ops/support/sequence.hpp"

#include <algorithm>
#include <cstring>

#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

constexpr std::size_t word = sizeof(std::int64_t);

std::optional<std::int64_t> take(std::span<const std::byte>& bytes) {
  if (bytes.size() < word) return std::nullopt;
  std::int64_t value = 0;
  std::memcpy(&value, bytes.data(), word);
  bytes = bytes.subspan(word);
  return value;
}

void put(std::vector<std::byte>& out, std::int64_t value) {
  const std::size_t at = out.size();
  out.resize(at + word);
  std::memcpy(out.data() + at, &value, word);
}

}  // namespace

std::optional<Sequence> read_sequence(std::span<const std::byte> bytes) {
  const auto count = take(bytes);
  if (!count || *count < 0) return std::nullopt;
  Sequence items;
  for (std::int64_t i = 0; i < *count; ++i) {
    const auto dtype = take(bytes), rank = take(bytes);
    if (!dtype || !rank || *dtype < 0 || *dtype > 255 || *rank < 0 || *rank > static_cast<std::int64_t>(max_rank))
      return std::nullopt;
    SequenceItem item{.dtype = static_cast<DType>(*dtype)};
    for (std::int64_t d = 0; d < *rank; ++d) {
      const auto dim = take(bytes);
      if (!dim || *dim < 0) return std::nullopt;
      item.shape.mutable_dims().push_back(*dim);
    }
    const auto size = take(bytes);
    if (!size || *size < 0 || static_cast<std::uint64_t>(*size) > bytes.size()) return std::nullopt;
    item.bytes = bytes.first(static_cast<std::size_t>(*size));
    bytes = bytes.subspan(std::min((item.bytes.size() + word - 1) / word * word, bytes.size()));
    items.push_back(std::move(item));
  }
  return items;
}

std::vector<std::byte> pack_sequence(const Sequence& items) {
  std::vector<std::byte> out;
  put(out, static_cast<std::int64_t>(items.size()));
  for (const SequenceItem& item : items) {
    put(out, static_cast<std::int64_t>(item.dtype));
    put(out, static_cast<std::int64_t>(item.shape.rank()));
    for (std::int64_t d : item.shape) put(out, d);
    put(out, static_cast<std::int64_t>(item.bytes.size()));
    out.insert(out.end(), item.bytes.begin(), item.bytes.end());
    out.resize((out.size() + word - 1) / word * word);
  }
  return out;
}

std::vector<std::byte> pack_nothing() {
  std::vector<std::byte> out;
  put(out, -1);
  return out;
}

bool holds_nothing(std::span<const std::byte> bytes) noexcept { return take(bytes) == -1; }

std::optional<Sequence> sequence_operand(const KernelArgs& args, std::size_t i) noexcept {
  auto items = read_sequence({args.inputs[i].data, args.inputs[i].bytes});
  if (!items)
    args.control->fail(holds_nothing({args.inputs[i].data, args.inputs[i].bytes}) ? "an optional operand holds nothing"
                                                                                  : "an operand is no sequence");
  return items;
}

bool give_sequence(const KernelArgs& args, std::size_t o, const Sequence& items) noexcept {
  const std::vector<std::byte> bytes = pack_sequence(items);
  std::byte* to = args.control->resize(o, TensorType(DType::variant, Shape{}), bytes.size());
  if (to) std::memcpy(to, bytes.data(), bytes.size());
  return to != nullptr;
}

bool give_item(const KernelArgs& args, std::size_t o, const SequenceItem& item) noexcept {
  std::byte* to = args.control->resize(o, TensorType(item.dtype, item.shape), item.bytes.size());
  if (to && !item.bytes.empty()) std::memcpy(to, item.bytes.data(), item.bytes.size());
  return to != nullptr;
}

}  // namespace qgraph::ops
