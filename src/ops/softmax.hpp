// Attributes of softmax, for code outside of its file that reads them.
#pragma once

#include <cstdint>

namespace qgraph::ops {

struct Softmax {
  float beta = 1.0F;
  std::int64_t axis = -1;
  bool polynomial = false;
};

}  // namespace qgraph::ops
