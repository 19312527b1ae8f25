// Four lanes of 16 bytes each, mixed by products of 64 bits whose halves are folded.
#include "core/hash.hpp"

#include <algorithm>
#include <cstring>

namespace qgraph {
namespace {

/// Odd numbers without a pattern: digits of pi.
constexpr std::uint64_t salt[4] = {0x243F6A8885A308D3, 0x13198A2E03707345, 0xA4093822299F31D1, 0x082EFA98EC4E6C89};

/// Both halves of a 128-bit product, folded.
std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
#if defined(__SIZEOF_INT128__)
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
#else
  const std::uint64_t a_low = a & 0xFFFFFFFF, a_high = a >> 32, b_low = b & 0xFFFFFFFF, b_high = b >> 32;
  const std::uint64_t low = a_low * b_low, cross = a_high * b_low + (low >> 32), other = a_low * b_high + (cross & 0xFFFFFFFF);
  const std::uint64_t upper = a_high * b_high + (cross >> 32) + (other >> 32);
  return (a * b) ^ upper;
#endif
}

void take(std::uint64_t (&lanes)[4], const std::byte* block) noexcept {
  for (int i = 0; i < 4; ++i) {
    std::uint64_t pair[2];
    std::memcpy(pair, block + 16 * i, 16);
    lanes[i] = mix(lanes[i] ^ pair[0], pair[1] ^ salt[i]) + pair[0];
  }
}

}  // namespace

Hash128 hash128(std::span<const std::byte> bytes, std::uint64_t seed) noexcept {
  std::uint64_t lanes[4];
  for (int i = 0; i < 4; ++i) lanes[i] = salt[i] + seed * salt[3 - i];
  std::size_t at = 0;
  for (; at + 64 <= bytes.size(); at += 64) take(lanes, bytes.data() + at);
  if (at < bytes.size()) {
    std::byte last[64] = {};
    std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end(), last);
    take(lanes, last);
  }
  const std::uint64_t size = bytes.size();
  const std::uint64_t a = mix(lanes[0] ^ size, lanes[1] ^ salt[2]), b = mix(lanes[2] ^ salt[3], lanes[3] + size);
  return {mix(a ^ salt[0], b ^ salt[1]) ^ a, mix(b ^ salt[2], a ^ lanes[3]) ^ b};
}

}  // namespace qgraph
