// space_to_batch_nd and batch_to_space_nd: the two directions of one rearrangement. The wide tensor [n, space..., rest...] and
// the batched one [prod(block) * n, (space + borders) / block..., rest...]; borders are paddings of the one, crops of the other.
#pragma once

#include "ops/support/movement.hpp"

namespace qgraph::ops {

/// The run of places i of a batched dimension for which low <= i * block + shift < low + size.
struct Span {
  std::int64_t first = 0, count = 0;
};
inline Span inside(std::int64_t extent, std::int64_t block, std::int64_t shift, std::int64_t low, std::int64_t size) noexcept {
  const auto up = [block](std::int64_t x) { return x <= 0 ? 0 : (x + block - 1) / block; };
  const std::int64_t first = std::min(up(low - shift), extent), end = std::min(up(low + size - shift), extent);
  return {first, std::max<std::int64_t>(end - first, 0)};
}

/// Calls move(copy) for each offset within a block, with a plan that copies what lies inside of the wide tensor.
template <class Move>
void for_blocks(const Shape& wide, const Shape& batched, const Integers& block, const Integers& borders, bool to_batch,
                const Move& move) noexcept {
  const auto wide_strides = dense_strides(wide), batch_strides = dense_strides(batched);
  const std::size_t m = block.count;
  std::int64_t blocks = 1;
  for (std::size_t i = 0; i < m; ++i) blocks *= block[i];
  for (std::int64_t offset = 0; offset < blocks; ++offset) {
    std::array<std::int64_t, max_rank> shifts{};
    for (std::int64_t left = offset, i = static_cast<std::int64_t>(m) - 1; i >= 0; left /= block[static_cast<std::size_t>(i--)])
      shifts[static_cast<std::size_t>(i)] = left % block[static_cast<std::size_t>(i)];
    std::int64_t wide_offset = 0, batch_offset = offset * wide[0] * batch_strides[0];
    StridedCopy copy;
    const auto add = [&](std::int64_t extent, std::int64_t in_wide, std::int64_t in_batch) {
      to_batch ? copy.add(extent, in_wide, in_batch) : copy.add(extent, in_batch, in_wide);
    };
    add(wide[0], wide_strides[0], batch_strides[0]);
    for (std::size_t i = 0; i < m; ++i) {
      const std::size_t d = i + 1;
      const Span span = inside(batched[d], block[i], shifts[i], borders[2 * i], wide[d]);
      wide_offset += (span.first * block[i] + shifts[i] - borders[2 * i]) * wide_strides[d];
      batch_offset += span.first * batch_strides[d];
      add(span.count, block[i] * wide_strides[d], batch_strides[d]);
    }
    for (std::size_t d = m + 1; d < wide.rank(); ++d) add(wide[d], wide_strides[d], batch_strides[d]);
    copy.in_offset = to_batch ? wide_offset : batch_offset;
    copy.out_offset = to_batch ? batch_offset : wide_offset;
    move(copy);
  }
}

/// Whether block and borders are what the shapes say.
inline bool blocks_fit(const Shape& wide, const Shape& batched, const Integers& block, const Integers& borders) noexcept {
  if (wide.rank() != batched.rank() || block.count + 1 > wide.rank() || borders.count != 2 * block.count) return false;
  std::int64_t batch = wide[0];
  for (std::size_t i = 0; i < block.count; ++i) {
    if (block[i] < 1 || borders[2 * i] < 0 || borders[2 * i + 1] < 0) return false;
    if (wide[i + 1] + borders[2 * i] + borders[2 * i + 1] != batched[i + 1] * block[i]) return false;
    batch *= block[i];
  }
  return batch == batched[0];
}

/// The same for the types: `block` and `borders` have as many entries as needed. A message, or null.
inline const char* block_problem(const InferContext& c, const std::optional<std::vector<std::int64_t>>& block,
                                 const std::optional<std::vector<std::int64_t>>& borders) {
  const Shape& in = c.shape(0);
  if (!block || !borders || !in.ranked()) return nullptr;
  if (block->size() + 1 > in.rank() || borders->size() != 2 * block->size())
    return "block shape and borders do not fit the input's rank";
  for (std::int64_t b : *block)
    if (b < 1 || b > 0x7FFF'FFFF) return "a block size is none";
  for (std::int64_t b : *borders)
    if (!sensible_dim(b)) return "a border is negative or too large";
  return nullptr;
}

}  // namespace qgraph::ops
