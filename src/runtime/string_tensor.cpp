// Strings as DType::string packs them.
#include "runtime/string_tensor.hpp"

#include <cstring>

namespace qgraph::runtime {

bool strings_are_sound(std::span<const std::byte> bytes, std::int64_t count) noexcept {
  const auto word = [&](std::size_t i) {
    std::int32_t value = 0;
    std::memcpy(&value, bytes.data() + 4 * i, 4);
    return value;
  };
  if (bytes.size() / 4 < 2 || count < 0 || word(0) != count) return false;
  if (static_cast<std::uint64_t>(count) > bytes.size() / 4 - 2) return false;
  const auto words = static_cast<std::size_t>(count) + 2;
  auto last = static_cast<std::int64_t>(words) * 4;
  for (std::size_t i = 1; i < words; ++i) {
    if (word(i) < last) return false;
    last = word(i);
  }
  return static_cast<std::size_t>(last) <= bytes.size();
}

}  // namespace qgraph::runtime
