// Aligned memory that fails softly, and the placing of buffers with lifetimes into one arena.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <span>
#include <utility>

namespace qgraph::runtime {

inline constexpr std::size_t alignment = 64;
/// Behind every buffer: vector loads may read past the end.
inline constexpr std::size_t slack = 64;

/// Owns 64-byte aligned bytes, not initialised, with slack behind them.
class Memory {
 public:
  Memory() = default;
  Memory(Memory&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Memory& operator=(Memory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Memory() { release(); }

  /// Grows to at least `bytes`; what it held is lost. False: there is not so much memory; it then holds nothing.
  [[nodiscard]] bool reserve(std::size_t bytes) noexcept;
  void release() noexcept;
  std::byte* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// A buffer that is in use from step `first` to step `last`, both included.
struct Block {
  std::size_t bytes = 0;
  std::uint32_t first = 0, last = 0;
  std::size_t offset = 0;  ///< out
};

/// Gives every block an aligned offset so that blocks in use at the same time do not meet.
/// Returns the arena's size; nothing if that overflows.
std::optional<std::size_t> place_blocks(std::span<Block> blocks);
/// No placing can do with less: the most bytes in use at one step.
std::size_t lower_bound(std::span<const Block> blocks);

/// Rounded up to the alignment, slack included; nothing on overflow.
std::optional<std::size_t> padded(std::size_t bytes) noexcept;

}  // namespace qgraph::runtime
