// Ops that only passes put into a graph: what stands between DequantizeLinear and QuantizeLinear, on bytes. They have what an op
// has, but no name in any file.
#pragma once

#include <array>

#include "kernels/real_binary_s8/real_binary_s8.hpp"
#include "ops/op_def.hpp"
#include "ops/quantize.hpp"
#include "ops/support/broadcast.hpp"
#include "ops/support/pool.hpp"

namespace qgraph::runtime::passes {

/// A function of one byte.
struct FusedTable {
  std::array<std::uint8_t, 256> bytes{};
};
extern const OpDef fused_table;

/// A function of one byte for each channel.
struct FusedChannelTable {
  std::vector<std::uint8_t> bytes{};  ///< 256 of each channel
  std::int64_t channels = 1;
  std::int64_t inner = 1;  ///< elements side by side that are of one channel
};
extern const OpDef fused_channel_table;

/// x op y of operands of one storage, dequantized, the result quantized half to even and clamped to [low, high].
struct FusedBinary {
  kernels::RealBinaryS8::Op op{};
  std::int32_t low = 0, high = 0;
};
/// What it prepares. fast/real_binary.cpp runs it.
struct RealBinary {
  kernels::RealBinaryS8 binary{};
  Broadcast<2> loops{};
};
extern const OpDef fused_binary;

/// The mean over windows of floats dequantized and quantized again, in the order of average_pool_2d's.
struct FusedAveragePool {
  Pool2d pool{};
  bool global = false;  ///< the window is the image
  ops::Ties rounding = ops::Ties::half_even;
  /// Not 0: sums of integers, less `zero` each, are multiplied with it, and that is all.
  float factor = 0;
  std::int32_t zero = 0;
};
/// What it prepares.
struct AveragePlan {
  PoolGeometry geometry;
  bool count_include_pad = false, columns_first = false;
  float scale = 1, out_scale = 1;
  std::int32_t zero = 0, out_zero = 0;
  float factor = 0;
  float low = 0, high = 0;  ///< of what is rounded
  float before = 0;         ///< added before rounding
  std::int32_t behind = 0;  ///< and after it
};
extern const OpDef fused_average_pool;

}  // namespace qgraph::runtime::passes
