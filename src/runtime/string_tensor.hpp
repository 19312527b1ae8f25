// Strings as DType::string packs them: int32 count, count + 1 int32 offsets from the start, the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace qgraph::runtime {

/// Holds `count` strings, all within the bytes.
bool strings_are_sound(std::span<const std::byte> bytes, std::int64_t count) noexcept;

}  // namespace qgraph::runtime
