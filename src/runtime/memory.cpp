// Placing buffers greedily, by size and by other orders; see Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net
// Inference" (2020). The best order wins.
#include "runtime/memory.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace qgraph::runtime {
namespace {

constexpr std::size_t largest = std::numeric_limits<std::size_t>::max() / 4;
/// Above this many blocks the quadratic search gives way to free lists by size.
constexpr std::size_t exact_limit = 8192;

/// Blocks in order of first use; a block that is done goes to the free list of its size (rounded up to a power of two).
std::optional<std::size_t> place_by_size_class(std::span<Block> blocks) {
  std::vector<std::size_t> starts(blocks.size()), ends(blocks.size());
  std::iota(starts.begin(), starts.end(), std::size_t{0});
  ends = starts;
  std::ranges::sort(starts, {}, [&](std::size_t i) { return std::pair(blocks[i].first, i); });
  std::ranges::sort(ends, {}, [&](std::size_t i) { return std::pair(blocks[i].last, i); });
  std::map<std::size_t, std::vector<std::size_t>> free;
  std::size_t total = 0, done = 0;
  const auto size_class = [](const Block& b) { return std::bit_ceil(*padded(b.bytes)); };
  for (std::size_t i : starts) {
    for (; done < ends.size() && blocks[ends[done]].last < blocks[i].first; ++done)
      free[size_class(blocks[ends[done]])].push_back(blocks[ends[done]].offset);
    auto& list = free[size_class(blocks[i])];
    if (list.empty()) {
      blocks[i].offset = total;
      total += size_class(blocks[i]);
      if (total > largest) return std::nullopt;
    } else {
      blocks[i].offset = list.back();
      list.pop_back();
    }
  }
  return total;
}

/// All of it is going to be written: pages are cheaper by the dozen than one fault each.
void populate([[maybe_unused]] std::byte* data, [[maybe_unused]] std::size_t size) noexcept {
#if defined(MADV_POPULATE_WRITE)
  constexpr std::size_t page = 4096, worth_a_call = 1 << 16, most = 1 << 26;
  if (size < worth_a_call || size > most) return;
  const auto at = reinterpret_cast<std::uintptr_t>(data);
  const std::uintptr_t begin = (at + page - 1) / page * page, end = (at + size) / page * page;
  ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_POPULATE_WRITE);  // older kernels refuse, and nothing is lost
#endif
}

bool larger(const Block& a, const Block& b) { return a.bytes > b.bytes; }
bool earlier(const Block& a, const Block& b) { return a.first < b.first; }
bool longer(const Block& a, const Block& b) {
  const auto area = [](const Block& block) { return static_cast<double>(block.bytes) * (block.last - block.first + 1.0); };
  return area(a) > area(b);
}

/// Each block goes into the lowest gap between those placed before.
std::optional<std::size_t> place_in_order(std::span<Block> blocks, std::span<const std::size_t> order) {
  std::vector<const Block*> placed;  // by offset
  std::size_t total = 0;
  for (std::size_t i : order) {
    Block& block = blocks[i];
    const std::size_t need = *padded(block.bytes);
    std::size_t offset = 0;
    for (const Block* other : placed) {
      if (other->last < block.first || block.last < other->first) continue;
      if (other->offset >= offset + need) break;
      offset = std::max(offset, other->offset + *padded(other->bytes));
    }
    if (offset > largest) return std::nullopt;
    block.offset = offset;
    total = std::max(total, offset + need);
    placed.insert(std::ranges::upper_bound(placed, offset, {}, &Block::offset), &block);
  }
  return total;
}

}  // namespace

bool Memory::reserve(std::size_t bytes) noexcept {
  if (data_ && bytes <= size_) return true;
  release();
  const auto size = padded(bytes);
  if (!size) return false;
  data_ = static_cast<std::byte*>(::operator new (*size, std::align_val_t{alignment}, std::nothrow));
  size_ = data_ ? bytes : 0;
  if (data_) populate(data_, *size);
  return data_ != nullptr;
}

void Memory::release() noexcept {
  ::operator delete (data_, std::align_val_t{alignment});
  data_ = nullptr;
  size_ = 0;
}

std::optional<std::size_t> padded(std::size_t bytes) noexcept {
  if (bytes > largest) return std::nullopt;
  return (bytes + slack + alignment - 1) / alignment * alignment;
}

std::optional<std::size_t> place_blocks(std::span<Block> blocks) {
  for (const Block& block : blocks)
    if (!padded(block.bytes)) return std::nullopt;
  if (blocks.size() > exact_limit) return place_by_size_class(blocks);
  const std::size_t bound = lower_bound(blocks);
  std::optional<std::size_t> best;
  std::vector<std::size_t> offsets;
  std::vector<std::size_t> order(blocks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (const auto before : {&larger, &longer, &earlier}) {
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return before(blocks[a], blocks[b]); });
    const auto total = place_in_order(blocks, order);
    if (!total) return std::nullopt;
    if (best && *best <= *total) continue;
    best = total;
    offsets.clear();
    for (const Block& block : blocks) offsets.push_back(block.offset);
    if (*best == bound) break;
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i].offset = offsets[i];
  return best;
}

std::size_t lower_bound(std::span<const Block> blocks) {
  std::map<std::uint64_t, std::int64_t> change;
  for (const Block& block : blocks) {
    const auto bytes = static_cast<std::int64_t>(padded(block.bytes).value_or(0));
    change[block.first] += bytes;
    change[std::uint64_t{block.last} + 1] -= bytes;
  }
  std::int64_t now = 0, most = 0;
  for (const auto& [step, bytes] : change) most = std::max(most, now += bytes);
  return static_cast<std::size_t>(most);
}

}  // namespace qgraph::runtime
