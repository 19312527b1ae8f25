// Damaged copies of sound files, the same ones each time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <random>
#include <vector>

#include "qgraph/load.hpp"

namespace qgraph::test {

inline constexpr Budgets mutant_budgets{.file_bytes = 1 << 20,
                                        .tensor_bytes = 1 << 22,
                                        .decoded_bytes = 1 << 22,
                                        .arena_bytes = 1 << 22,
                                        .nodes = 2000,
                                        .tensors = 4000,
                                        .nesting = 8,
                                        .loop_iterations = 1000};

/// Below n; 0 where n is 0.
struct Below {
  std::mt19937& random;
  std::size_t operator()(std::size_t n) const { return n == 0 ? 0 : random() % n; }
};

/// One to four damages: a bit, a byte, a piece copied elsewhere, an end cut off, or one of the two that a format has of its own:
/// own(bytes, at, which, below), which being 0 or 1, and at least `room` bytes from `at` to the end.
template <class Own>
std::vector<std::byte> mutant(const std::vector<std::byte>& sound, std::mt19937& random, std::size_t room, Own own) {
  std::vector<std::byte> out = sound;
  const Below below{random};
  const std::size_t damages = 1 + below(4);
  for (std::size_t d = 0; d < damages && out.size() > 16; ++d) {
    const std::size_t at = below(out.size() - room);
    switch (const std::size_t kind = below(6)) {
      case 0: out[at] ^= static_cast<std::byte>(1U << below(8)); break;
      case 1: out[at] = static_cast<std::byte>(below(256)); break;
      case 2:
      case 3: own(out, at, kind - 2, below); break;
      case 4: {
        const std::size_t length = 1 + below(64), from = below(out.size());
        std::memmove(out.data() + at, out.data() + from, std::min({length, out.size() - at, out.size() - from}));
        break;
      }
      default:
        if (below(4) == 0) out.resize(below(out.size()));
        break;
    }
  }
  return out;
}

}  // namespace qgraph::test
