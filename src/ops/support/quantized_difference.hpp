// What quantized squared_difference prepares.
#pragma once

#include "ops/support/binary.hpp"

namespace qgraph {

struct QuantizedDifference {
  Broadcast<2> loops{};
  std::int32_t zero_x = 0, zero_y = 0, zero_out = 0, low = 0, high = 0;
  Multiplier x{}, y{}, out{};
  double real_out = 0;

  static constexpr int left_shift = 7;
  std::int32_t difference(std::int32_t stored_x, std::int32_t stored_y) const noexcept {
    return multiply((stored_x - zero_x) * (1 << left_shift), x) - multiply((stored_y - zero_y) * (1 << left_shift), y);
  }
};

}  // namespace qgraph
