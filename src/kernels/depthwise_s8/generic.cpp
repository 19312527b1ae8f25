// In portable C++.
#include "kernels/depthwise_s8/kernels.hpp"
#include "kernels/requantize_scalar.hpp"

namespace qgraph::kernels {

void depthwise_s8_generic(const DepthwiseS8& d, const std::uint8_t* const* taps, std::ptrdiff_t step, std::int64_t pixels,
                          std::uint8_t* output) noexcept {
  const bool as_sums = d.requantize.rule == Rule::sums;
  for (std::int64_t pixel = 0; pixel < pixels; ++pixel, output += as_sums ? 4 * d.channels : d.channels)
    for (std::int64_t c = 0; c < d.channels; ++c) {
      const std::int64_t position = depthwise_position(c);
      const std::int8_t* w = d.weights + (c / 64 * d.quads * 64 + position % 64) * 4;
      auto sum = static_cast<std::uint32_t>(d.bias[position]);
      std::uint32_t total = 0;
      for (std::int64_t tap = 0; tap < 4 * d.quads; ++tap) {
        const int x = taps[tap][pixel * step + c] ^ d.input_flip;
        sum += static_cast<std::uint32_t>(x * w[tap / 4 * 256 + tap % 4]);
        total += static_cast<std::uint32_t>(x);
      }
      if (d.row_factor) sum += total * static_cast<std::uint32_t>(d.row_factor[position]);
      if (as_sums)
        __builtin_memcpy(output + 4 * c, &sum, 4);
      else
        output[c] = requantize_one(d.requantize, position, static_cast<std::int32_t>(sum));
    }
}

}  // namespace qgraph::kernels
