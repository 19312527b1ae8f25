// Reading and writing packed strings.
#include "ops/support/string_tensor.hpp"

#include <cstring>
#include <limits>

namespace qgraph::ops {
namespace {
constexpr std::int64_t word_bytes = 4;
constexpr std::int64_t header_bytes(std::int64_t count) { return (count + 2) * word_bytes; }
}  // namespace

std::int32_t StringTensor::word(std::int64_t i) const noexcept {
  std::int32_t value = 0;
  std::memcpy(&value, bytes_.data() + i * word_bytes, sizeof(value));
  return value;
}

std::optional<StringTensor> StringTensor::read(std::span<const std::byte> bytes) noexcept {
  StringTensor strings;
  if (bytes.empty()) return strings;
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (size < word_bytes) return std::nullopt;
  strings.bytes_ = bytes;
  strings.count_ = strings.word(0);
  if (strings.count_ == 0) return strings;
  if (strings.count_ < 0 || header_bytes(strings.count_) > size) return std::nullopt;
  std::int64_t previous = 0;
  for (std::int64_t i = 0; i <= strings.count_; ++i) {
    const std::int64_t offset = strings.word(i + 1);
    if (offset < previous || offset > size) return std::nullopt;
    previous = offset;
  }
  return strings;
}

std::string_view StringTensor::operator[](std::int64_t i) const noexcept {
  const std::int32_t begin = word(i + 1);
  return {reinterpret_cast<const char*>(bytes_.data()) + begin, static_cast<std::size_t>(word(i + 2) - begin)};
}

std::optional<std::size_t> packed_bytes(std::span<const std::string_view> strings) noexcept {
  auto total = static_cast<std::size_t>(header_bytes(static_cast<std::int64_t>(strings.size())));
  constexpr std::size_t limit = std::numeric_limits<std::int32_t>::max();
  for (std::string_view s : strings) {
    if (s.size() > limit || total > limit) return std::nullopt;
    total += s.size();
  }
  return total > limit ? std::nullopt : std::optional(total);
}

void pack_strings(std::span<const std::string_view> strings, std::byte* out) noexcept {
  const auto put = [&](std::size_t position, std::size_t value) {
    const auto word = static_cast<std::int32_t>(value);
    std::memcpy(out + position * sizeof(word), &word, sizeof(word));
  };
  put(0, strings.size());
  auto offset = static_cast<std::size_t>(header_bytes(static_cast<std::int64_t>(strings.size())));
  for (std::size_t i = 0; i < strings.size(); ++i) {
    put(i + 1, offset);
    if (!strings[i].empty()) std::memcpy(out + offset, strings[i].data(), strings[i].size());
    offset += strings[i].size();
  }
  put(strings.size() + 1, offset);
}

}  // namespace qgraph::ops
