// Kernels that memory bounds: sums and products, quantization of reals, tables.
#include <cmath>

#include "counters.hpp"
#include "kernels/binary_s8/binary_s8.hpp"
#include "kernels/quantize_s8/quantize_s8.hpp"
#include "kernels/table_s8/table_s8.hpp"
#include "random.hpp"

namespace qgraph::bench {
namespace {

struct Size {
  std::int64_t elements;
  const char* word = "";
};
/// What stays in the first-level cache, in the second, in none.
constexpr Size sizes[] = {{4 << 10, "small/"}, {128 << 10}, {8 << 20}};

template <class Kernel, class Run>
void add(const char* family, const Kernel& kernel, const Run& run) {
  for (const Size& size : sizes) {
    const std::string name = std::string(family) + "/" + kernel.name + "/" + size.word + std::to_string(size.elements);
    benchmark::RegisterBenchmark(name.c_str(),
                                 [&kernel, run, n = size.elements](benchmark::State& state) { run(state, kernel, n); });
  }
}

kernels::BinaryS8 binary(kernels::BinaryS8::Op op) {
  kernels::BinaryS8 b{.op = op, .low = -128, .high = 127};
  b.x = {.zero_point = 3, .scale = {.multiplier = 1 << 30, .half = true}};
  b.y = {.zero_point = -7, .scale = {.multiplier = 1'400'000'000, .right = 2}};
  b.result = {.zero_point = 5, .scale = {.multiplier = 1'200'000'000, .right = op == kernels::BinaryS8::Op::product ? 7 : 18}};
  return b;
}

template <kernels::BinaryS8::Op op>
void run_binary(benchmark::State& state, const kernels::BinaryS8Kernel& kernel, std::int64_t n) {
  const auto x = random_bytes<std::uint8_t>(n, 1), y = random_bytes<std::uint8_t>(n, 2);
  auto out = random_bytes<std::uint8_t>(n, 3);
  const kernels::BinaryS8 b = binary(op);
  for (auto _ : state) {
    kernel.run(b, x.data(), 1, y.data(), 1, out.data(), n);
    benchmark::ClobberMemory();
  }
  count_bytes(state, 3 * n);
}

void run_quantize(benchmark::State& state, const kernels::QuantizeS8Kernel& kernel, std::int64_t n) {
  std::vector<float> x(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<float>(i));
  auto out = random_bytes<std::uint8_t>(n, 3);
  const kernels::QuantizeS8 q{.scale = 0.01F, .zero_point = 3, .low = -128, .high = 127};
  for (auto _ : state) {
    kernel.run(q, x.data(), out.data(), n);
    benchmark::ClobberMemory();
  }
  count_bytes(state, 5 * n);
}

void run_table(benchmark::State& state, const kernels::TableS8Kernel& kernel, std::int64_t n) {
  const auto table = random_bytes<std::uint8_t>(256, 1), x = random_bytes<std::uint8_t>(n, 2);
  auto out = random_bytes<std::uint8_t>(n, 3);
  for (auto _ : state) {
    kernel.run(table.data(), x.data(), out.data(), n);
    benchmark::ClobberMemory();
  }
  count_bytes(state, 2 * n);
}

}  // namespace

void add_elementwise() {
  each_row(kernels::binary_s8, [](const kernels::BinaryS8Kernel& kernel) {
    add("binary_s8/sum", kernel, run_binary<kernels::BinaryS8::Op::sum>);
    add("binary_s8/product", kernel, run_binary<kernels::BinaryS8::Op::product>);
  });
  each_row(kernels::quantize_s8, [](const kernels::QuantizeS8Kernel& kernel) { add("quantize_s8", kernel, run_quantize); });
  each_row([](kernels::Cpu cpu) { return &kernels::table_s8(cpu); },
           [](const kernels::TableS8Kernel& kernel) { add("table_s8", kernel, run_table); });
}

}  // namespace qgraph::bench
