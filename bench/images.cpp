// Kernels of images: extremes of pairs, windows and rows, and bilinear interpolation.
#include "counters.hpp"
#include "kernels/extreme_s8/extreme_s8.hpp"
#include "kernels/resize_s8/resize_s8.hpp"
#include "random.hpp"

namespace qgraph::bench {
namespace {

void between(benchmark::State& state, const kernels::ExtremeS8Kernel& kernel, std::int64_t n) {
  const auto x = random_bytes<std::uint8_t>(n, 1), y = random_bytes<std::uint8_t>(n, 2);
  auto out = random_bytes<std::uint8_t>(n, 3);
  for (auto _ : state) {
    kernel.between(0x80, x.data(), 1, y.data(), 1, out.data(), n);
    benchmark::ClobberMemory();
  }
  count_bytes(state, 3 * n);
}

/// Windows of 2 x 2, side by side, over a square of `side` columns.
void windows(benchmark::State& state, const kernels::ExtremeS8Kernel& kernel, std::int64_t side) {
  constexpr std::int64_t depth = 64;
  const auto in = random_bytes<std::uint8_t>(side * side * depth, 1);
  auto out = random_bytes<std::uint8_t>(side * side * depth / 4, 2);
  const kernels::ExtremeWindows w{.order = 0x80,
                                  .depth = depth,
                                  .rows = 2,
                                  .row_step = side * depth,
                                  .columns = 2,
                                  .column_step = depth,
                                  .windows = side / 2,
                                  .window_step = 2 * depth};
  for (auto _ : state) {
    for (std::int64_t y = 0; y < side / 2; ++y)
      kernel.windows(w, in.data() + 2 * y * side * depth, out.data() + y * (side / 2) * depth);
    benchmark::ClobberMemory();
  }
  count_bytes(state, side * side * depth * 5 / 4);
}

void places(benchmark::State& state, const kernels::ExtremeS8Kernel& kernel, std::int64_t depth) {
  const std::int64_t rows = (1 << 17) / depth;
  const auto in = random_bytes<std::uint8_t>(rows * depth, 1);
  std::vector<std::int32_t> out(static_cast<std::size_t>(rows) + 16);
  const kernels::ExtremePlaces p{.order = 0x80, .depth = depth};
  for (auto _ : state) {
    kernel.places(p, in.data(), out.data(), rows);
    benchmark::ClobberMemory();
  }
  count_bytes(state, rows * (depth + 4));
}

/// From a square of `side` to one of twice that, 32 channels.
void resize(benchmark::State& state, const kernels::ResizeKernel& kernel, std::int64_t side) {
  constexpr std::int64_t depth = 32;
  const std::int64_t columns = 2 * side, elements = side * depth;
  const auto in = random_bytes<std::uint8_t>(side * elements, 1);
  auto out = random_bytes<std::uint8_t>(columns * columns * depth, 2);
  std::vector<std::int32_t> left, right;
  std::vector<float> rest, fraction, work(static_cast<std::size_t>(2 * elements + 64));
  for (std::int64_t x = 0; x < columns; ++x) {
    left.push_back(static_cast<std::int32_t>(x / 2 * depth));
    right.push_back(static_cast<std::int32_t>((x / 2 + 1 < side ? x / 2 + 1 : x / 2) * depth));
    fraction.push_back(static_cast<float>(x % 2) / 2);
    rest.push_back(1 - fraction.back());
  }
  const kernels::ResizeLine<float> line{.left = left.data(),
                                        .right = right.data(),
                                        .rest = rest.data(),
                                        .fraction = fraction.data(),
                                        .columns = columns,
                                        .depth = depth,
                                        .elements = elements};
  for (auto _ : state) {
    for (std::int64_t y = 0; y < columns; ++y) {
      const std::int64_t top = y / 2, bottom = top + 1 < side ? top + 1 : top;
      kernel.run_u8(line, in.data() + top * elements, in.data() + bottom * elements, y % 2 ? 0.5F : 1.0F, y % 2 ? 0.5F : 0.0F,
                    work.data(), out.data() + y * columns * depth);
    }
    benchmark::ClobberMemory();
  }
  count_bytes(state, side * elements + columns * columns * depth);
}

template <class Kernel, class Run>
void add(const char* family, const Kernel& kernel, const Run& run, std::initializer_list<std::int64_t> sizes) {
  const char* word = "small/";
  for (std::int64_t n : sizes) {
    const std::string name = std::string(family) + "/" + kernel.name + "/" + word + std::to_string(n);
    benchmark::RegisterBenchmark(name.c_str(), [&kernel, run, n](benchmark::State& state) { run(state, kernel, n); });
    word = "";
  }
}

}  // namespace

void add_images() {
  each_row(kernels::extreme_s8, [](const kernels::ExtremeS8Kernel& kernel) {
    add("extreme_s8/pairs", kernel, between, {4 << 10, 128 << 10, 8 << 20});
    add("extreme_s8/windows", kernel, windows, {8, 56});
    add("extreme_s8/places", kernel, places, {21, 1024});
  });
  each_row(kernels::resize_s8, [](const kernels::ResizeKernel& kernel) { add("resize_s8", kernel, resize, {8, 64}); });
}

}  // namespace qgraph::bench
