// Weights of rows of products as gemm_s8 wants them: signed bytes in vectors of 16 channels, and of each channel their sum.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "kernels/gemm_s8/gemm_s8.hpp"
#include "ops/support/conv_plan.hpp"
#include "qgraph/dtype.hpp"
#include "runtime/fast/window_rows.hpp"
#include "runtime/packed_cache.hpp"

namespace qgraph::runtime {

inline constexpr std::int64_t vector_channels = 16;
/// Rows whose sums, for so many outputs, are kept at a time: they stay in the second-level cache; and tiles want 32 rows.
constexpr std::int64_t rows_of_sums(std::int64_t outputs) noexcept {
  return std::clamp<std::int64_t>((1 << 15) / outputs / 32 * 32, 32, 256);
}

/// What so many rows of sums take, with room to read behind them.
constexpr std::size_t bytes_of_sums(std::int64_t rows, std::int64_t outputs) noexcept {
  return static_cast<std::size_t>((rows * outputs * 4 + 127) / 64 * 64);
}

/// Bytes as [group][output of the group][depth].
struct RowWeights {
  const std::byte* rows = nullptr;
  DType storage = DType::int8;                  ///< or uint8
  std::span<const std::int32_t> zero_points{};  ///< none: 0; else one, or one per output
  std::int64_t groups = 1, group_out = 0;
  std::int64_t run_length = 0, run_count = 1;  ///< depth is their product
};

/// Of images with channels last, weights of 8 bits that are bytes as they are: what products of packed rows can serve.
bool fits_packed_rows(const ConvPlan& plan);
/// A layer's weights, whose tensor is `stored`.
RowWeights row_weights(const ConvPlan& plan, const View& stored, const WindowRows& windows);

struct PackedRows {
  PackedBytes packed{};
  std::int64_t groups = 1, group_out = 0, run_length = 0, run_count = 1, run_quads = 0;
  const std::int8_t* weights = nullptr;   ///< [group][vector][run][quad][channel][4]
  const std::uint32_t* sums = nullptr;    ///< of each output, zero points taken off; wrapping
  const std::int32_t* offsets = nullptr;  ///< what was taken off each output's weights beyond that
  std::vector<std::int32_t> zeros{};      ///< a bias for a group's sums, and
  std::vector<std::int32_t> factors{};    ///< row factors [group][channel padded to vectors]; none: all 0

  /// Nothing: an output's weights are too far apart for signed bytes, or there is no memory. `row`: the kernel's name.
  static std::optional<PackedRows> pack(const RowWeights& weights, PackedCache* cache, const char* row);

  std::int64_t vectors() const noexcept { return (group_out + vector_channels - 1) / vector_channels; }
  std::int64_t group_bytes() const noexcept { return run_count * run_quads * 4 * vectors() * vector_channels; }
  std::size_t bytes() const noexcept { return packed.bytes.size() + 4 * (zeros.size() + factors.size()); }
  /// Makes ready for sums_of.
  void for_sums();
  /// Sums of this group's outputs, before anything is added; input and output are left to the caller.
  kernels::GemmS8 sums_of(std::int64_t group, const WindowRows& windows) const noexcept;
};

}  // namespace qgraph::runtime
