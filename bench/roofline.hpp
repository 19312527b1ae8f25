// What this machine can do at most, measured: multiply-adds of bytes, and copying of memory.
#pragma once

#include <cstddef>
#include <cstdint>

namespace qgraph::bench {

struct Peak {
  const char* instruction = "";  ///< empty: none of those that are tried is there
  double giga_macs = 0;          ///< products of bytes that it adds up in a second, on one core, in units of 10^9
};
/// Of the best instruction there is: vpdpbusd of 512 or 256 bits, else vpmaddwd. Measured once.
const Peak& multiply_peak();

/// The same of float32, by fused multiply-adds.
const Peak& float_peak();

/// Bytes read and written by memcpy in a second, in units of 10^9, where source and destination have `bytes` together. Measured
/// once for each size.
double copy_peak(std::size_t bytes);

/// Runs so many rounds of independent multiply-adds; returns their number. In a file per instruction set.
std::int64_t multiply_avx512_vnni(std::int64_t rounds) noexcept;
std::int64_t multiply_avx_vnni(std::int64_t rounds) noexcept;
std::int64_t multiply_avx2(std::int64_t rounds) noexcept;
std::int64_t multiply_f32_avx512_vnni(std::int64_t rounds) noexcept;
std::int64_t multiply_f32_avx2(std::int64_t rounds) noexcept;

}  // namespace qgraph::bench
