// Moving elements of any size: one N-dimensional copy between strided layouts serves transpose, slice, pad, tile and the rest.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace qgraph::ops {

/// Ranks beyond this are refused by `infer`, so that loops fit on the stack.
inline constexpr std::size_t max_rank = 16;

/// Copies a box of elements. Strides and offsets count elements, so the same plan moves 4-bit, 8-bit or 128-bit ones.
class StridedCopy {
 public:
  std::int64_t in_offset = 0;
  std::int64_t out_offset = 0;

  /// The next inner dimension. Dimensions that lie contiguously in both layouts are merged.
  void add(std::int64_t extent, std::int64_t in_stride, std::int64_t out_stride) noexcept;
  void run(const std::byte* in, std::byte* out, int element_bits) const noexcept;

 private:
  struct Loop {
    std::int64_t extent, in_stride, out_stride;
  };
  std::array<Loop, 2 * max_rank> loops_{};
  std::size_t count_ = 0;
  bool empty_ = false;

  template <class Element>
  void run_bytes(const std::byte* in, std::byte* out) const noexcept;
  void run_bits(const std::byte* in, std::byte* out, int bits) const noexcept;
};

/// Copies `count` neighbouring elements from in[in_index] to out[out_index].
void copy_run(const std::byte* in, std::int64_t in_index, std::byte* out, std::int64_t out_index, std::int64_t count,
              int element_bits) noexcept;
/// Writes `value`, an element's bytes, into out[0, count).
void fill_run(std::byte* out, std::int64_t count, const std::byte* value, int element_bits) noexcept;

}  // namespace qgraph::ops
