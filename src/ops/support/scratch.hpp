// Lays out a kernel's scratch memory: pieces one behind the other, each 64-byte aligned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace qgraph {

/// Where one piece begins. Filled by Scratch::take.
struct ScratchPiece {
  std::size_t offset = 0;
  template <class T>
  T* in(std::byte* scratch) const noexcept {
    return reinterpret_cast<T*>(scratch + offset);
  }
};

class Scratch {
 public:
  template <class T>
  ScratchPiece take(std::int64_t count) noexcept {
    const ScratchPiece piece{bytes_};
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max() / 4;
    const auto n = static_cast<std::size_t>(count);
    if (count < 0 || n > most / sizeof(T) || bytes_ > most)
      too_large_ = true;
    else
      bytes_ += (n * sizeof(T) + 63) / 64 * 64;
    return piece;
  }
  std::size_t bytes() const noexcept { return bytes_; }
  bool too_large() const noexcept { return too_large_; }

 private:
  std::size_t bytes_ = 0;
  bool too_large_ = false;
};

}  // namespace qgraph
