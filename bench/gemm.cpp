// gemm_s8 over the layers of MobileNetV2, and larger ones.
#include "counters.hpp"
#include "kernels/gemm_s8/gemm_s8.hpp"
#include "random.hpp"

namespace qgraph::bench {
namespace {

struct Size {
  std::int64_t rows, depth, channels;
  const char* word = "";  ///< before its name
};
constexpr Size sizes[] = {{49, 64, 32, "small/"}, {12544, 32, 16}, {12544, 16, 96}, {3136, 144, 24},
                          {784, 192, 32},         {196, 96, 576},  {196, 576, 96},  {49, 160, 960},
                          {49, 960, 160},         {1, 1280, 1001}, {784, 1152, 128}};

void run(benchmark::State& state, const kernels::GemmS8Kernel& kernel, const Size& size) {
  const std::int64_t vectors = (size.channels + 15) / 16;
  const auto input = random_bytes<std::uint8_t>(size.rows * size.depth, 1);
  const auto weights = random_bytes<std::int8_t>(vectors * 16 * size.depth, 2);
  auto output = random_bytes<std::uint8_t>(size.rows * size.channels, 3);
  const Constants constants(size.channels);
  const std::ptrdiff_t runs[] = {0};
  const kernels::GemmS8 gemm{.input = input.data(),
                             .row_stride = size.depth,
                             .runs = runs,
                             .run_bytes = size.depth,
                             .run_quads = size.depth / 4,
                             .weights = weights.data(),
                             .channels = size.channels,
                             .bias = constants.bias.data(),
                             .requantize = constants.requantize,
                             .output = output.data(),
                             .output_stride = size.channels};
  for (auto _ : state) {
    kernel.run(gemm, size.rows, 0, vectors);
    benchmark::ClobberMemory();
  }
  count_macs(state, size.rows * size.depth * size.channels);
}

}  // namespace

void add_gemm() {
  each_row([](kernels::Cpu cpu) { return &kernels::gemm_s8(cpu); },
           [](const kernels::GemmS8Kernel& kernel) {
             for (const Size& size : sizes) {
               const std::string name = std::string("gemm_s8/") + kernel.name + "/" + size.word + std::to_string(size.rows) +
                                        "x" + std::to_string(size.depth) + "x" + std::to_string(size.channels);
               benchmark::RegisterBenchmark(name.c_str(),
                                            [&kernel, &size](benchmark::State& state) { run(state, kernel, size); });
             }
           });
}

}  // namespace qgraph::bench
