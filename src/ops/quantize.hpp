// Attributes of quantize and what it prepares, for code outside of its file that reads them.
#pragma once

#include "ops/requantize.hpp"
#include "qgraph/tensor.hpp"

namespace qgraph::ops {

/// half_even_shifted: the zero point is added before rounding, which decides ties.
enum class Ties : std::uint8_t { half_away, half_even, half_even_shifted };
constexpr std::string_view ties_words[] = {"half_away", "half_even", "half_even_shifted"};
constexpr std::span<const std::string_view> enum_words(Ties) { return ties_words; }

struct Quantize {
  Ties rounding = Ties::half_away;
  DType storage = DType::int8;
  bool narrow_range = false;
  DType precision = DType::float32;
  std::int64_t axis = 1, block_size = 0;
  bool saturate = true;
};
struct QuantizeParameters {
  IntegerRange range{};
  Multiplier multiplier{};
  double ratio = 1.0;
};

}  // namespace qgraph::ops
