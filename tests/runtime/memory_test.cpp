// Placing buffers into an arena: none that live together meet, and little is lost.
#include "runtime/memory.hpp"

#include <random>
#include <vector>

#include "support/catch.hpp"

namespace qgraph::runtime {
namespace {

std::vector<Block> random_blocks(std::size_t count, std::uint32_t seed) {
  std::mt19937 engine(seed);
  const auto random = [&] { return static_cast<std::uint32_t>(engine()); };
  std::vector<Block> blocks(count);
  for (std::size_t i = 0; i < count; ++i) {
    blocks[i].bytes = random() % (random() % 4 == 0 ? 100'000 : 1000);
    blocks[i].first = static_cast<std::uint32_t>(i);
    blocks[i].last = blocks[i].first + random() % (random() % 10 == 0 ? 100 : 4);
  }
  return blocks;
}

void check_apart(const std::vector<Block>& blocks, std::size_t total) {
  std::size_t meeting = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const Block& a = blocks[i];
    if (a.offset % alignment != 0 || a.offset + *padded(a.bytes) > total) ++meeting;
    for (std::size_t j = 0; j < i; ++j) {
      const Block& b = blocks[j];
      const bool together = a.first <= b.last && b.first <= a.last;
      if (together && a.offset < b.offset + *padded(b.bytes) && b.offset < a.offset + *padded(a.bytes)) ++meeting;
    }
  }
  CHECK(meeting == 0);
}

TEST_CASE("buffers that live together do not meet", "[runtime]") {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    std::vector<Block> blocks = random_blocks(50 + 20 * seed, seed);
    const auto total = place_blocks(blocks);
    REQUIRE(total);
    check_apart(blocks, *total);
    const std::size_t bound = lower_bound(blocks);
    CHECK(*total >= bound);
    CHECK(*total <= bound + bound / 6);
  }
}

TEST_CASE("very many buffers are placed by size classes", "[runtime]") {
  std::vector<Block> blocks = random_blocks(9000, 1);
  const auto total = place_blocks(blocks);
  REQUIRE(total);
  check_apart(blocks, *total);
}

TEST_CASE("a size that overflows is refused", "[runtime]") {
  std::vector<Block> blocks{{.bytes = ~std::size_t{0} - 10}};
  CHECK_FALSE(place_blocks(blocks));
  Memory memory;
  CHECK_FALSE(memory.reserve(~std::size_t{0} - 10));
  CHECK(memory.data() == nullptr);
  CHECK(memory.reserve(10));
  CHECK(reinterpret_cast<std::uintptr_t>(memory.data()) % alignment == 0);
}

}  // namespace
}  // namespace qgraph::runtime
