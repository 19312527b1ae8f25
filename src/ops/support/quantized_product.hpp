// What a quantized mul prepares.
#pragma once

#include "ops/support/binary.hpp"

namespace qgraph {

struct QuantizedProduct {
  Broadcast<2> loops{};
  bool real = false;
  std::int32_t zero_x = 0, zero_y = 0, zero_out = 0, low = 0, high = 0;
  Multiplier out{};
  float scale_x = 1, scale_y = 1, scale_out = 1;
};

}  // namespace qgraph
