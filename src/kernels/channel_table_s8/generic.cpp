// In portable C++.
#include "kernels/channel_table_s8/kernels.hpp"

namespace qgraph::kernels {

void channel_table_s8_generic(const std::uint8_t* tables, std::int64_t channels, const std::uint8_t* in, std::uint8_t* out,
                              std::int64_t pixels) noexcept {
  for (; pixels > 0; --pixels, in += channels, out += channels)
    for (std::int64_t c = 0; c < channels; ++c) out[c] = tables[c * 256 + in[c]];
}

}  // namespace qgraph::kernels
