// The counter-based generator Philox 4x32-10 (Salmon et al., Parallel random numbers: as easy as 1, 2, 3) as TensorFlow seeds it,
// and what random ops share.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "ops/infer.hpp"
#include "ops/kernel.hpp"

namespace qgraph {

/// Attributes of random ops. Both 0 are seeds like any other: a run can always be repeated.
struct Seeds {
  std::int64_t seed = 0;
  std::int64_t seed2 = 0;
};

/// Four words for each block.
class Philox {
 public:
  using Words = std::array<std::uint32_t, 4>;
  Philox(Seeds s, std::uint64_t first_block) noexcept
      : key_(static_cast<std::uint64_t>(s.seed)), high_(static_cast<std::uint64_t>(s.seed2)), low_(first_block) {}

  Words next() noexcept {
    Words w{lo(low_), hi(low_), lo(high_), hi(high_)};
    std::uint32_t key0 = lo(key_), key1 = hi(key_);
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t a = std::uint64_t{0xD2511F53U} * w[0], b = std::uint64_t{0xCD9E8D57U} * w[2];
      w = {hi(b) ^ w[1] ^ key0, lo(b), hi(a) ^ w[3] ^ key1, lo(a)};
      key0 += 0x9E3779B9U;
      key1 += 0xBB67AE85U;
    }
    if (++low_ == 0) ++high_;
    return w;
  }

 private:
  static constexpr std::uint32_t lo(std::uint64_t x) noexcept { return static_cast<std::uint32_t>(x); }
  static constexpr std::uint32_t hi(std::uint64_t x) noexcept { return static_cast<std::uint32_t>(x >> 32); }
  std::uint64_t key_, high_, low_;
};

/// In [0, 1): 23 and 52 bits become the fraction of a number in [1, 2).
inline float unit_float(std::uint32_t x) noexcept { return std::bit_cast<float>((x & 0x7FFFFFU) | 0x3F800000U) - 1.0F; }
inline double unit_double(std::uint32_t high, std::uint32_t low) noexcept {
  return std::bit_cast<double>((std::uint64_t{high & 0xFFFFFU} << 32 | low) | std::uint64_t{1023} << 52) - 1.0;
}

/// The blocks drawn so far: the state operand, if there is one.
inline std::uint64_t drawn(const KernelArgs& a, std::size_t operand) noexcept {
  return a.has(operand) ? static_cast<std::uint64_t>(*a.in<std::int64_t>(operand)) : 0;
}
inline void set_drawn(const KernelArgs& a, std::size_t operand, std::uint64_t blocks) noexcept {
  if (a.has(operand)) *a.inputs[operand].as<std::int64_t>() = static_cast<std::int64_t>(blocks);
}

/// <op>_c1: the shape is a list of integers that are not negative. float32 of that shape.
Result<Types> infer_random(const InferContext&, std::string_view op);

}  // namespace qgraph
