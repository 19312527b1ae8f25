// In portable C++.
#include "kernels/table_s8/kernels.hpp"

namespace qgraph::kernels {

void table_s8_generic(const std::uint8_t* table, const std::uint8_t* in, std::uint8_t* out, std::int64_t n) noexcept {
  for (std::int64_t i = 0; i < n; ++i) out[i] = table[in[i]];
}

}  // namespace qgraph::kernels
