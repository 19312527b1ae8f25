// In which order float kernels sum products, where formats' reference results show it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace qgraph {

/// separate: every product and every sum is rounded, in the order of TensorFlow Lite's loops. The others are the matrix products
/// of ONNX Runtime (MLAS) on x86-64 with FMA, whose results ONNX models were validated with: products are fused with sums along
/// depth (input channel, then tap), in blocks whose length follows from the size of the product (blocked), or is 256 (packed:
/// constant matrices).
enum class Summation : std::uint8_t { separate, blocked, packed };
constexpr std::string_view summation_words[] = {"separate", "blocked", "packed"};
constexpr std::span<const std::string_view> enum_words(Summation) { return summation_words; }
inline constexpr std::string_view summation_doc = "of floats: separate (TensorFlow Lite), blocked or packed (ONNX Runtime)";

/// How one product of matrices is summed.
struct SumBlocks {
  std::int64_t length = 0;  ///< products of a block
  bool fours = false;       ///< one row: four products, each rounded, are summed before they are added

  /// `columns` of the product, `depth` products each, `rows`.
  static constexpr SumBlocks of(Summation s, std::int64_t rows, std::int64_t columns, std::int64_t depth) noexcept {
    if (s == Summation::packed) return {256, false};
    std::int64_t length = 128, width = 128;
    if (columns >= depth) {
      for (; length / 2 >= depth && length > 1; length /= 2) width *= 2;
    } else {
      for (; width > 16 && width / 2 >= columns; width /= 2) length *= 2;
    }
    return {length, rows == 1};
  }
};

/// x * y + z, rounded once: the product is exact in double, and that the sum is rounded there first shows in no float but by
/// chance.
constexpr float fused(float x, float y, float z) noexcept {
  return static_cast<float>(static_cast<double>(x) * static_cast<double>(y) + static_cast<double>(z));
}

/// sums[n] = the sum over k of x(k) * row(k)[n]. `part`: scratch of n floats. Sums hold what is added first (zeros, or a bias).
template <class X, class Row>
void sum_products(const SumBlocks& blocks, std::int64_t depth, std::int64_t n, X x, Row row, float* sums, float* part) noexcept {
  if (blocks.fours) {
    for (std::int64_t k = 0; k < depth;) {
      const std::int64_t left = depth - k, together = left >= 4 ? 4 : left >= 2 ? 2 : 1;
      for (std::int64_t j = 0; j < together; ++j) {
        const float value = x(k + j);
        const float* weights = row(k + j);
        if (j == 0)
          for (std::int64_t i = 0; i < n; ++i) part[i] = value * weights[i];
        else
          for (std::int64_t i = 0; i < n; ++i) part[i] += value * weights[i];
      }
      for (std::int64_t i = 0; i < n; ++i) sums[i] += part[i];
      k += together;
    }
    return;
  }
  for (std::int64_t k = 0; k < depth;) {
    const std::int64_t end = depth - k > blocks.length ? k + blocks.length : depth;
    for (std::int64_t i = 0; i < n; ++i) part[i] = 0.0F;
    for (; k < end; ++k) {
      const float value = x(k);
      const float* weights = row(k);
      for (std::int64_t i = 0; i < n; ++i) part[i] = fused(value, weights[i], part[i]);
    }
    for (std::int64_t i = 0; i < n; ++i) sums[i] += part[i];
  }
}

}  // namespace qgraph
