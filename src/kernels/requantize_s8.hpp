// How int32 sums become 8-bit results, in the form that vector kernels want: constants of each channel in arrays, results as
// signed bytes whose sign bit is flipped at the end where the storage is uint8. Plain data: files built for one instruction set
// include this, and no inline function may come from it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace qgraph::kernels {

enum class Rule : std::uint8_t {
  /// Fixed point with two roundings where results below the zero point are clamped to it (ReLU) and the right shift r is 1 to 22.
  /// Both roundings and the zero point are one constant: (sum * multiplier + addend) >> 32 >> (r - 1).
  fixed_above_zero,
  fixed,           ///< the same two roundings for every sum; r at least 1
  fixed_any,       ///< and left shifts, and no shift
  double_product,  ///< double(sum) * factor, half away from zero
  nearest_even,    ///< float(sum) * scale + added, half to even
  sums,            ///< no bytes: the sums themselves, as int32. Nothing of what follows is read
};

/// Arrays hold an entry per channel, and are padded so that vectors of 64 channels may be read.
struct Requantize {
  Rule rule = Rule::fixed;
  const std::int32_t* multiplier = nullptr;
  const std::int64_t* addend = nullptr;   ///< fixed_above_zero: of 8 even, then of 8 odd channels of each 16
  const std::int32_t* shift = nullptr;    ///< r - 1; fixed_any: 0 where r is 0
  const std::int32_t* left = nullptr;     ///< fixed_any
  const std::int32_t* shifted = nullptr;  ///< fixed_any: 1 where r is at least 1
  const double* factor = nullptr;
  const float* scale = nullptr;
  const float* added = nullptr;                    ///< null: nothing
  std::int32_t zero_point = 0, low = 0, high = 0;  ///< less 128 where the storage is uint8
  std::uint8_t flip = 0;                           ///< 0x80 where the storage is uint8
};

}  // namespace qgraph::kernels
