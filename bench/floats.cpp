// Kernels of floats: products of matrices, transforms of lines, and bytes in float arithmetic.
#include <cmath>
#include <numbers>

#include "counters.hpp"
#include "kernels/fourier_f64/fourier_f64.hpp"
#include "kernels/gemm_f32/gemm_f32.hpp"
#include "kernels/real_binary_s8/real_binary_s8.hpp"
#include "random.hpp"

namespace qgraph::bench {
namespace {

std::vector<float> random_floats(std::int64_t count) {
  std::vector<float> values;
  for (std::uint8_t byte : random_bytes<std::uint8_t>(count, 1)) values.push_back(static_cast<float>(byte) / 256 - 0.5F);
  return values;
}

struct Size {
  std::int64_t rows, depth, columns;
  const char* word = "";
};
constexpr Size sizes[] = {{16, 64, 64, "small/"}, {196, 96, 576}, {784, 1152, 128}};

void multiply(benchmark::State& state, const kernels::GemmF32Kernel& kernel, const Size& size) {
  const auto a = random_floats(size.rows * size.depth), b = random_floats(size.depth * size.columns);
  auto out = random_floats(size.rows * size.columns);
  const kernels::GemmF32 gemm{.rows = size.rows,
                              .columns = size.columns,
                              .depth = size.depth,
                              .a = a.data(),
                              .a_row = size.depth,
                              .a_depth = 1,
                              .b = b.data(),
                              .b_depth = size.columns,
                              .out = out.data(),
                              .out_row = size.columns,
                              .block = size.depth,
                              .low = -INFINITY,
                              .high = INFINITY};
  for (auto _ : state) {
    kernel.run(gemm);
    benchmark::ClobberMemory();
  }
  count_macs(state, size.rows * size.depth * size.columns, float_peak());
}

/// Lines of `width` reals.
void transform(benchmark::State& state, const kernels::FourierKernel& kernel, std::int64_t width) {
  const auto n = static_cast<std::size_t>(width / 2);
  std::vector<std::uint32_t> reversed(n);
  for (std::size_t k = 0; k < n; ++k)
    for (std::size_t bit = 1, mirrored = n / 2; bit < n; bit *= 2, mirrored /= 2)
      if (k & bit) reversed[k] |= static_cast<std::uint32_t>(mirrored);
  const auto turns_of = [](std::size_t count, double step) {
    std::vector<double> turns;
    for (std::size_t k = 0; k < count; ++k) {
      turns.push_back(std::cos(step * static_cast<double>(k)));
      turns.push_back(std::sin(step * static_cast<double>(k)));
    }
    return turns;
  };
  const auto half = turns_of(n, -2 * std::numbers::pi / static_cast<double>(n)),
             whole = turns_of(n + 1, -std::numbers::pi / static_cast<double>(n));
  const auto in = random_floats(width * kernel.lanes);
  auto out = random_floats((width + 2) * kernel.lanes);
  std::vector<double> work(static_cast<std::size_t>(width * kernel.lanes) + 8);
  const auto misplaced = reinterpret_cast<std::uintptr_t>(work.data()) % 64;
  const kernels::FourierLines lines{
      .tables = {.half = {.n = n, .reversed = reversed.data(), .turns = half.data()}, .turns = whole.data()},
      .in = in.data(),
      .in_step = width,
      .given = width,
      .out = out.data(),
      .out_step = width + 2,
      .lines = kernel.lanes};
  for (auto _ : state) {
    kernel.run(lines, reinterpret_cast<std::byte*>(work.data()) + (misplaced ? 64 - misplaced : 0));
    benchmark::ClobberMemory();
  }
  // The usual count of a transform of reals: 2.5 n log2 n.
  const double one = 2.5 * static_cast<double>(width) * std::log2(static_cast<double>(width)) * kernel.lanes / 1e9;
  state.counters["GFLOP/s"] = benchmark::Counter(one * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void real_binary(benchmark::State& state, const kernels::RealBinaryS8Kernel& kernel, std::int64_t n) {
  const auto x = random_bytes<std::uint8_t>(n, 1), y = random_bytes<std::uint8_t>(n, 2);
  auto out = random_bytes<std::uint8_t>(n, 3);
  const kernels::RealBinaryS8 b{.scale_x = 0.02F,
                                .scale_y = 0.03F,
                                .scale = 0.05F,
                                .zero_x = 3,
                                .zero_y = -7,
                                .zero_out = 5,
                                .low = -133,
                                .high = 122,
                                .is_signed = true};
  for (auto _ : state) {
    kernel.run(b, x.data(), 1, y.data(), 1, out.data(), n);
    benchmark::ClobberMemory();
  }
  count_bytes(state, 3 * n);
}

}  // namespace

void add_floats() {
  each_row(kernels::gemm_f32, [](const kernels::GemmF32Kernel& kernel) {
    for (const Size& size : sizes) {
      const std::string name = std::string("gemm_f32/") + kernel.name + "/" + size.word + std::to_string(size.rows) + "x" +
                               std::to_string(size.depth) + "x" + std::to_string(size.columns);
      benchmark::RegisterBenchmark(name.c_str(), [&kernel, &size](benchmark::State& state) { multiply(state, kernel, size); });
    }
  });
  each_row(kernels::fourier_f64, [](const kernels::FourierKernel& kernel) {
    for (std::int64_t width : {64, 512, 4096}) {
      const std::string name =
          std::string("fourier_f64/") + kernel.name + (width == 64 ? "/small/" : "/") + std::to_string(width);
      benchmark::RegisterBenchmark(name.c_str(), [&kernel, width](benchmark::State& state) { transform(state, kernel, width); });
    }
  });
  each_row(kernels::real_binary_s8, [](const kernels::RealBinaryS8Kernel& kernel) {
    for (std::int64_t n : {4 << 10, 128 << 10}) {
      const std::string name =
          std::string("real_binary_s8/sum/") + kernel.name + (n == 4 << 10 ? "/small/" : "/") + std::to_string(n);
      benchmark::RegisterBenchmark(name.c_str(), [&kernel, n](benchmark::State& state) { real_binary(state, kernel, n); });
    }
  });
}

}  // namespace qgraph::bench
