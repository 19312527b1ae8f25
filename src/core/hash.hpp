// A 128-bit hash of bytes, for telling contents apart: quick, and not one that withstands who wants collisions.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>

namespace qgraph {

struct Hash128 {
  std::uint64_t low = 0, high = 0;
  friend auto operator<=>(const Hash128&, const Hash128&) = default;
};
/// The same on every machine of the same byte order. `seed` makes another function of it.
Hash128 hash128(std::span<const std::byte> bytes, std::uint64_t seed = 0) noexcept;

}  // namespace qgraph
