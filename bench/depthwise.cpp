// depthwise_s8 on lines of images: windows of 3 x 3 and 5 x 5.
#include "counters.hpp"
#include "kernels/depthwise_s8/depthwise_s8.hpp"
#include "random.hpp"

namespace qgraph::bench {
namespace {

struct Size {
  std::int64_t side, channels, window;
  const char* word = "";
};
constexpr Size sizes[] = {{8, 64, 3, "small/"}, {56, 128, 3}, {28, 192, 3}, {14, 576, 3}, {7, 960, 3}, {28, 192, 5}};

void run(benchmark::State& state, const kernels::DepthwiseS8Kernel& kernel, const Size& size) {
  const std::int64_t width = size.side + size.window - 1, taps = (size.window * size.window + 3) / 4 * 4,
                     padded = (size.channels + 63) / 64 * 64;
  const auto input = random_bytes<std::uint8_t>(width * width * size.channels, 1);
  const auto weights = random_bytes<std::int8_t>(padded * taps, 2);
  auto output = random_bytes<std::uint8_t>(size.side * size.side * size.channels, 3);
  const Constants constants(size.channels);
  const kernels::DepthwiseS8 layer{.channels = size.channels,
                                   .quads = taps / 4,
                                   .weights = weights.data(),
                                   .bias = constants.bias.data(),
                                   .requantize = constants.requantize,
                                   .shift = size.window == 3 ? 1 : 0,
                                   .input_flip = 0x80};
  std::vector<const std::uint8_t*> pointers(static_cast<std::size_t>(taps), input.data());
  for (auto _ : state) {
    for (std::int64_t y = 0; y < size.side; ++y) {
      for (std::int64_t fy = 0; fy < size.window; ++fy)
        for (std::int64_t fx = 0; fx < size.window; ++fx) {  // a quad for each column of three
          const std::int64_t place = size.window == 3 ? 4 * fx + fy : fy * size.window + fx;
          pointers[static_cast<std::size_t>(place)] = input.data() + ((y + fy) * width + fx) * size.channels;
        }
      kernel.run(layer, pointers.data(), size.channels, size.side, output.data() + y * size.side * size.channels);
    }
    benchmark::ClobberMemory();
  }
  count_macs(state, size.side * size.side * size.channels * size.window * size.window);
}

}  // namespace

void add_depthwise() {
  each_row([](kernels::Cpu cpu) { return &kernels::depthwise_s8(cpu); },
           [](const kernels::DepthwiseS8Kernel& kernel) {
             for (const Size& size : sizes) {
               const std::string side = std::to_string(size.side), window = std::to_string(size.window);
               const std::string name = std::string("depthwise_s8/") + kernel.name + "/" + size.word + side + "x" + side + "x" +
                                        std::to_string(size.channels) + "_by_" + window + "x" + window;
               benchmark::RegisterBenchmark(name.c_str(),
                                            [&kernel, &size](benchmark::State& state) { run(state, kernel, size); });
             }
           });
}

}  // namespace qgraph::bench
