// Every row of the kernels' tables against the portable code, on random operands: a program that needs nothing else of the
// library, and so runs where only a cross compiler and an emulator are. Usage: equal_rows [INSTRUCTION_SET...]: those that must
// be there.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "kernels/binary_s8/binary_s8.hpp"
#include "kernels/channel_table_s8/channel_table_s8.hpp"
#include "kernels/depthwise_s8/depthwise_s8.hpp"
#include "kernels/dot_s8/dot_s8.hpp"
#include "kernels/gemm_s8/gemm_s8.hpp"
#include "kernels/hybrid_f32/hybrid_f32.hpp"
#include "kernels/quantize_s8/quantize_s8.hpp"
#include "kernels/requantize_scalar.hpp"
#include "kernels/table_s8/table_s8.hpp"
#include "kernels/wide_s16/wide_s16.hpp"
#include "random.hpp"
#include "without_generic.hpp"

namespace {

using namespace qgraph::kernels;
using namespace qgraph::rows;

/// One rule with constants for each channel, as plans make them.
struct Rounding {
  std::vector<std::int32_t> multiplier{}, shift{}, left{}, shifted{};
  std::vector<std::int64_t> addend{};
  std::vector<double> factor{};
  std::vector<float> scale{}, added{};
  Requantize requantize{};

  Rounding(Random& random, std::int64_t channels) {
    const std::int64_t count = (channels + 63) / 64 * 64;
    const Rule rule = static_cast<Rule>(random.in(0, 5));
    Requantize& q = requantize;
    q.rule = rule;
    q.flip = random.one_in(2) ? 0x80 : 0;
    q.zero_point = static_cast<std::int32_t>(random.in(-128, 127));
    q.low = rule == Rule::fixed_above_zero ? q.zero_point : static_cast<std::int32_t>(random.in(-128, q.zero_point));
    q.high = static_cast<std::int32_t>(random.in(q.zero_point, 127));
    addend.resize(static_cast<std::size_t>(count));
    for (std::int64_t c = 0; c < count; ++c) {
      const std::int64_t right = rule == Rule::fixed_above_zero ? random.in(1, 22)
                                 : rule == Rule::fixed          ? random.in(1, 31)
                                                                : random.in(-12, 31);
      multiplier.push_back(static_cast<std::int32_t>(random.one_in(9) ? (1 << 30) : random.in(1 << 30, 2147483647)));
      shift.push_back(static_cast<std::int32_t>(right > 0 ? right - 1 : 0));
      left.push_back(static_cast<std::int32_t>(right < 0 ? -right : 0));
      shifted.push_back(right >= 1 ? 1 : 0);
      addend[static_cast<std::size_t>(c / 16 * 16 + c % 2 * 8 + c % 16 / 2)] =
          (std::int64_t{1} << 30) + (std::int64_t{1} << (30 + (right > 0 ? right : 0))) +
          std::int64_t{q.zero_point} * (std::int64_t{1} << (31 + (right > 0 ? right : 0)));
      // Powers of two make ties.
      const double step = std::exp2(static_cast<double>(random.in(-22, 0)));
      factor.push_back(random.one_in(2) ? step : step * 1.37);
      scale.push_back(static_cast<float>(factor.back()));
      added.push_back(static_cast<float>(random.in(-400, 400)) * 0.37F);
    }
    q.multiplier = multiplier.data();
    q.addend = addend.data();
    q.shift = shift.data();
    q.left = left.data();
    q.shifted = shifted.data();
    q.factor = factor.data();
    q.scale = scale.data();
    if (random.one_in(2)) q.added = added.data();
  }
};

std::vector<std::int32_t> sums(Random& random, std::int64_t count, std::int64_t most) {
  std::vector<std::int32_t> all(static_cast<std::size_t>(count));
  for (std::int32_t& s : all) s = static_cast<std::int32_t>(random.in(-most, most));
  return all;
}

/// What one case makes with the row that this processor, taken as a `cpu`, would use.
using Make = Bytes (*)(std::uint64_t seed, Cpu cpu);

Bytes gemm(std::uint64_t seed, Cpu cpu) {
  Random random{std::mt19937_64(seed)};
  const std::int64_t rows = random.in(1, random.one_in(10) ? 600 : 40), run_count = random.in(1, 4), run_bytes = random.in(1, 70),
                     quads = (run_bytes + 3) / 4, channels = random.in(1, random.one_in(2) ? 70 : 200),
                     vectors = (channels + 15) / 16;
  const std::ptrdiff_t row_stride = run_bytes + random.in(0, 9);
  const auto input = random.bytes<std::uint8_t>(rows * row_stride + 4 * run_bytes);
  auto weights = random.bytes<std::int8_t>(vectors * 16 * run_count * quads * 4);
  std::vector<std::ptrdiff_t> runs;
  for (std::int64_t run = 0; run < run_count; ++run) runs.push_back(random.in(0, 3 * run_bytes));
  for (std::int64_t at = 0; at < vectors * run_count * quads * 64; ++at)
    if (at / 64 % quads * 4 + at % 4 >= run_bytes) weights[static_cast<std::size_t>(at)] = 0;  // they meet what lies behind a run
  const Rounding rounding(random, channels);
  const auto bias = sums(random, vectors * 16, random.one_in(3) ? 1 << 28 : 20000), factors = sums(random, vectors * 16, 128);
  const std::int64_t first = random.in(0, vectors - 1), last = random.in(first + 1, vectors),
                     size = rounding.requantize.rule == Rule::sums ? 4 : 1, stride = size * (channels + random.in(0, 5));
  Bytes output(static_cast<std::size_t>(rows * stride), 0x5A);
  const GemmS8 g{.input = input.data(),
                 .row_stride = row_stride,
                 .runs = runs.data(),
                 .run_count = run_count,
                 .run_bytes = run_bytes,
                 .run_quads = quads,
                 .weights = weights.data(),
                 .channels = channels,
                 .bias = bias.data(),
                 .row_factor = random.one_in(2) ? factors.data() : nullptr,
                 .requantize = rounding.requantize,
                 .output = output.data(),
                 .output_stride = stride};
  gemm_s8(cpu).run(g, rows, first, last);
  return output;
}

Bytes depthwise(std::uint64_t seed, Cpu cpu) {
  Random random{std::mt19937_64(seed)};
  // Columns of windows may overlap: of pixels one apart, of pairs taken as one pixel of twice the channels, of pixels two apart.
  const std::int64_t shift = random.one_in(2) ? random.in(1, 2) : 0, column = random.in(1, shift == 2 ? 100 : 200);
  const std::int64_t channels = shift == 2 && random.one_in(2) ? 2 * column : column, quads = shift > 0 ? 3 : random.in(1, 7),
                     pixels = random.in(1, 9), step = (shift > 0 ? shift : random.in(1, 3)) * column,
                     blocks = (channels + 63) / 64;
  const auto input = random.bytes<std::uint8_t>(pixels * step + 4 * column + channels);
  const auto weights = random.bytes<std::int8_t>(blocks * 64 * quads * 4);
  const Rounding rounding(random, channels);
  const auto bias = sums(random, blocks * 64, random.one_in(3) ? 1 << 28 : 20000), factors = sums(random, blocks * 64, 128);
  Bytes summed;
  for (std::int64_t b = 0; b < blocks; ++b) summed.push_back(random.one_in(2));
  // Where a block is not summed its factors are 0.
  auto used = factors;
  for (std::size_t c = 0; c < used.size(); ++c)
    if (!summed[c / 64]) used[c] = 0;
  std::vector<const std::uint8_t*> taps;
  for (std::int64_t tap = 0; tap < 4 * quads; ++tap)
    taps.push_back(shift == 0 || tap < 4 ? input.data() + random.in(0, shift == 0 ? 3 * column : column)
                                         : taps[static_cast<std::size_t>(tap - 4)] + column);
  Bytes output(static_cast<std::size_t>(pixels * channels * (rounding.requantize.rule == Rule::sums ? 4 : 1)), 0x5A);
  const DepthwiseS8 d{.channels = channels,
                      .quads = quads,
                      .weights = weights.data(),
                      .bias = bias.data(),
                      .row_factor = random.one_in(2) ? used.data() : nullptr,
                      .summed = summed.data(),
                      .requantize = rounding.requantize,
                      .shift = shift,
                      .input_flip = random.one_in(2) ? std::uint8_t{0x80} : std::uint8_t{0}};
  depthwise_s8(cpu).run(d, taps.data(), step, pixels, output.data());
  return output;
}

std::int32_t rescaled(std::int32_t x, const BinaryS8::Scale& s) {
  const auto shifted = static_cast<std::int32_t>(static_cast<std::uint32_t>(x) << s.left);
  const std::int64_t high = (std::int64_t{shifted} * s.multiplier + (std::int64_t{1} << 30)) >> 31;
  return static_cast<std::int32_t>(s.right == 0 ? high : (((high + (high < 0 ? -1 : 0)) >> (s.right - 1)) + 1) >> 1);
}

std::uint8_t one(const BinaryS8& b, std::uint8_t x, std::uint8_t y) {
  const std::int32_t first = static_cast<std::int8_t>(x ^ b.x.flip) - b.x.zero_point,
                     second = static_cast<std::int8_t>(y ^ b.y.flip) - b.y.zero_point;
  const bool squares = b.op == BinaryS8::Op::squared_difference;
  const auto scaled = [&](std::int32_t v, const BinaryS8::Scale& s) { return rescaled(v * (1 << (squares ? 7 : 20)), s); };
  std::int32_t both = first * second;
  if (b.op == BinaryS8::Op::sum) both = scaled(first, b.x.scale) + scaled(second, b.y.scale);
  if (squares || b.op == BinaryS8::Op::difference) both = scaled(first, b.x.scale) - scaled(second, b.y.scale);
  if (squares) both *= both;
  const std::int64_t value = std::int64_t{rescaled(both, b.result.scale)} + b.result.zero_point;
  return static_cast<std::uint8_t>(static_cast<std::uint8_t>(value < b.low    ? b.low
                                                             : value > b.high ? b.high
                                                                              : value) ^
                                   b.result.flip);
}

Bytes binary(std::uint64_t seed, Cpu cpu) {
  Random random{std::mt19937_64(seed)};
  BinaryS8 b{.op = static_cast<BinaryS8::Op>(random.in(0, 3))};
  const auto scale = [&](std::int64_t least, std::int64_t most) {
    const std::int64_t right = random.in(least, most);
    return BinaryS8::Scale{.multiplier = static_cast<std::int32_t>(random.one_in(9) ? (random.one_in(2) ? 1 << 30 : 2147483647)
                                                                                    : random.in(1 << 30, 2147483647)),
                           .right = static_cast<std::int32_t>(right > 0 ? right : 0),
                           .left = static_cast<std::int32_t>(right < 0 ? -right : 0)};
  };
  const bool product = b.op == BinaryS8::Op::product;
  b.x = {.zero_point = static_cast<std::int32_t>(random.in(-128, 127)), .scale = scale(0, 12)};
  b.y = {.zero_point = static_cast<std::int32_t>(random.in(-128, 127)), .scale = scale(0, 12)};
  // The difference of 16 bits that is to be squared must fit as many.
  if (b.op == BinaryS8::Op::squared_difference) b.x.scale = b.y.scale = scale(1, 12);
  // The multiplier of the larger scale.
  if (random.one_in(2)) (random.one_in(2) ? b.x : b.y).scale = {.multiplier = 1 << 30, .half = true};
  b.result = {.zero_point = static_cast<std::int32_t>(random.in(-128, 127)), .scale = product ? scale(-4, 12) : scale(8, 25)};
  for (BinaryS8::Operand* o : {&b.x, &b.y, &b.result}) o->flip = random.one_in(2) ? 0x80 : 0;
  b.low = static_cast<std::int32_t>(random.in(-128, 0));
  b.high = static_cast<std::int32_t>(random.in(0, 127));
  const bool all = random.one_in(100);  // pairs that there are
  const std::int64_t n = all ? 65536 : random.in(1, random.one_in(2) ? 300 : 70);
  auto x = random.bytes<std::uint8_t>(n), y = random.bytes<std::uint8_t>(n);
  for (std::size_t i = 0; all && i < 65536; ++i) {
    x[i] = static_cast<std::uint8_t>(i);
    y[i] = static_cast<std::uint8_t>(i / 256);
  }
  const int x_step = random.one_in(5) ? 0 : 1, y_step = random.one_in(5) ? 0 : 1;
  Bytes output(static_cast<std::size_t>(n));
  const BinaryS8Kernel* kernel = binary_s8(cpu);
  if (kernel)
    kernel->run(b, x.data(), x_step, y.data(), y_step, output.data(), n);
  else
    for (std::size_t i = 0; i < output.size(); ++i)
      output[i] = one(b, x[i * static_cast<std::size_t>(x_step)], y[i * static_cast<std::size_t>(y_step)]);
  return output;
}

Bytes quantize(std::uint64_t seed, Cpu cpu) {
  Random random{std::mt19937_64(seed)};
  const QuantizeS8 q{.scale = std::exp2(static_cast<float>(random.in(-8, 3))) * (random.one_in(2) ? 1.0F : 1.3F),
                     .zero_point = static_cast<std::int32_t>(random.in(-128, 127)),
                     .low = -128,
                     .high = 127,
                     .flip = random.one_in(2) ? std::uint8_t{0x80} : std::uint8_t{0},
                     .half_even = random.one_in(2)};
  std::vector<float> x;
  const std::int64_t n = random.in(1, 100);
  for (std::int64_t i = 0; i < n; ++i) {
    const float tie = static_cast<float>(random.in(-600, 600)) / 2 * q.scale;
    constexpr float rare[] = {INFINITY, -INFINITY, NAN, 3e38F};
    x.push_back(random.one_in(15)  ? rare[random.in(0, 3)]
                : random.one_in(2) ? tie
                                   : std::nextafter(tie, random.one_in(2) ? 1e9F : -1e9F));
  }
  Bytes output(static_cast<std::size_t>(n));
  const QuantizeS8Kernel* kernel = quantize_s8(cpu);
  if (kernel) {
    kernel->run(q, x.data(), output.data(), n);
    return output;
  }
  for (std::size_t i = 0; i < output.size(); ++i) {
    const float real = x[i] / q.scale, whole = q.half_even ? std::nearbyint(real) : std::round(real);
    const auto low = static_cast<float>(q.low - q.zero_point), high = static_cast<float>(q.high - q.zero_point);
    const auto value = static_cast<std::int32_t>(whole >= low ? (whole < high ? whole : high) : low) + q.zero_point;
    output[i] = static_cast<std::uint8_t>(static_cast<std::uint8_t>(value) ^ q.flip);
  }
  return output;
}

Bytes table(std::uint64_t seed, Cpu cpu) {
  Random random{std::mt19937_64(seed)};
  const std::int64_t n = random.in(1, 400);
  const auto entries = random.bytes<std::uint8_t>(256), x = random.bytes<std::uint8_t>(n);
  Bytes output(static_cast<std::size_t>(n));
  table_s8(cpu).run(entries.data(), x.data(), output.data(), n);
  return output;
}

Bytes channel_table(std::uint64_t seed, Cpu cpu) {
  Random random{std::mt19937_64(seed)};
  const std::int64_t channels = random.one_in(3) ? 16 : random.in(1, 70), pixels = random.in(1, random.one_in(9) ? 700 : 200);
  const auto entries = random.bytes<std::uint8_t>(256 * channels), x = random.bytes<std::uint8_t>(pixels * channels);
  Bytes output(static_cast<std::size_t>(pixels * channels + 8), 0x5A);
  channel_table_s8(cpu).run(entries.data(), channels, x.data(), output.data(), pixels);
  return output;
}

Bytes dot(std::uint64_t seed, Cpu cpu) {
  Random random{std::mt19937_64(seed)};
  const std::int64_t rows = random.in(1, 9), columns = random.in(1, 200);
  const auto weights = random.bytes<std::int8_t>(rows * columns), x = random.bytes<std::int8_t>(columns);
  std::vector<std::int32_t> results(static_cast<std::size_t>(2 * rows));
  if (const DotS8Kernel* kernel = dot_s8(cpu)) {
    kernel->run(weights.data(), x.data(), rows, columns, results.data(), results.data() + rows);
  } else {
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t c = 0; c < columns; ++c) {
        const auto w = std::int32_t{weights[static_cast<std::size_t>(r * columns + c)]};
        results[static_cast<std::size_t>(r)] += w * x[static_cast<std::size_t>(c)];
        results[static_cast<std::size_t>(rows + r)] += w;
      }
  }
  Bytes output(results.size() * 4);
  std::memcpy(output.data(), results.data(), output.size());
  return output;
}

std::vector<float> reals(Random& random, std::int64_t count, float reach) {
  std::vector<float> all;
  for (std::int64_t i = 0; i < count; ++i) all.push_back(static_cast<float>(random.in(-2000, 2000)) / 500 * reach);
  return all;
}

Bytes hybrid(std::uint64_t seed, Cpu cpu) {
  Random random{std::mt19937_64(seed)};
  const HybridF32Kernel& kernel = hybrid_f32(cpu);
  const std::int64_t n = random.in(1, 100);
  const auto x = reals(random, n, 1), scales = reals(random, n + 16, 0.01F), bias = reals(random, n + 16, 100),
             weight_sums = reals(random, n + 16, 10);
  const auto products = sums(random, n + 16, 1 << 20), weights = sums(random, n + 16, 1 << 12);
  const RangeF32 range = kernel.range(x.data(), n);
  Bytes stored(static_cast<std::size_t>(n));
  kernel.store(
      {.inverse = 127.0F / (range.high - range.low + 1), .offset = static_cast<float>(random.in(-128, 127)), .low = -128},
      x.data(), n, stored.data());
  std::vector<float> results(static_cast<std::size_t>(2 * n));
  std::vector<std::int32_t> integers(static_cast<std::size_t>(n));
  FinishF32 finish{.sums = products.data(),
                   .weight_sums = weights.data(),
                   .scales = scales.data(),
                   .bias = random.one_in(2) ? bias.data() : nullptr,
                   .taken = static_cast<std::int32_t>(random.in(0, 255)),
                   .zero_point = static_cast<float>(random.in(-128, 127)),
                   .scale = 0.37F,
                   .low = random.one_in(2) ? 0.0F : -INFINITY,
                   .high = random.one_in(2) ? 6.0F : INFINITY,
                   .in_turn = random.one_in(2),
                   .in_float = random.one_in(2),
                   .out = results.data()};
  kernel.finish(finish, n);
  finish.adds = true;
  finish.out = results.data() + n;
  kernel.finish(finish, n);
  kernel.settle({.weight_sums = weight_sums.data(), .bias = finish.bias, .zero_point = 3, .scale = 0.2F, .low = 0, .high = 90}, n,
                results.data() + n);
  finish.integers = integers.data();
  kernel.finish(finish, n);
  const std::size_t at = stored.size();
  stored.resize(at + 12 * static_cast<std::size_t>(n) + sizeof(float) * 2);
  std::memcpy(stored.data() + at, results.data(), 8 * static_cast<std::size_t>(n));
  std::memcpy(stored.data() + at + 8 * static_cast<std::size_t>(n), integers.data(), 4 * static_cast<std::size_t>(n));
  std::memcpy(stored.data() + at + 12 * static_cast<std::size_t>(n), &range.low, sizeof(float));
  std::memcpy(stored.data() + at + 12 * static_cast<std::size_t>(n) + sizeof(float), &range.high, sizeof(float));
  return stored;
}

Bytes wide(std::uint64_t seed, Cpu cpu) {
  Random random{std::mt19937_64(seed)};
  const WideS16Kernel& kernel = wide_s16(cpu);
  const std::int64_t n = random.in(1, 100);
  std::vector<std::int16_t> x(static_cast<std::size_t>(n)), results(static_cast<std::size_t>(n));
  for (std::int16_t& v : x) v = static_cast<std::int16_t>(random.in(-32768, 32767));
  Bytes output(static_cast<std::size_t>(4 * n));
  kernel.split(x.data(), n, output.data(), output.data() + n);
  std::vector<std::int64_t> begin, multiplier, shift;
  std::vector<double> factor;
  const auto rule = static_cast<WideRule>(random.in(0, 2));
  for (std::int64_t i = 0; i < n + 8; ++i) {
    begin.push_back(random.in(-(std::int64_t{1} << 42), std::int64_t{1} << 42) >> random.in(0, 30));
    multiplier.push_back(rule == WideRule::narrow ? random.in(1 << 30, 2147483647) : random.in(1 << 14, 32767));
    shift.push_back(rule == WideRule::narrow ? random.in(-31, 2) : random.in(1, 46));
    factor.push_back(std::exp2(static_cast<double>(random.in(-30, 0))) * (random.one_in(2) ? 1 : 1.37));
  }
  const auto high = sums(random, n + 8, 1 << 28), low = sums(random, n + 8, 1 << 28);
  kernel.finish({.rule = rule,
                 .high = high.data(),
                 .low = low.data(),
                 .begin = begin.data(),
                 .multiplier = multiplier.data(),
                 .shift = shift.data(),
                 .factor = factor.data(),
                 .zero_point = random.in(-300, 300),
                 .least = random.one_in(2) ? -32768 : 0,
                 .most = 32767,
                 .out = results.data()},
                n);
  std::memcpy(output.data() + 2 * n, results.data(), static_cast<std::size_t>(2 * n));
  return output;
}

struct Family {
  const char* name;
  Make make;
  int cases;
  const char* (*row)(Cpu);
};
const Family families[] = {
    {"gemm_s8", gemm, 1500, [](Cpu cpu) { return gemm_s8(cpu).name; }},
    {"depthwise_s8", depthwise, 1500, [](Cpu cpu) { return depthwise_s8(cpu).name; }},
    {"binary_s8", binary, 3000, [](Cpu cpu) { return binary_s8(cpu) ? binary_s8(cpu)->name : "none"; }},
    {"quantize_s8", quantize, 3000, [](Cpu cpu) { return quantize_s8(cpu) ? quantize_s8(cpu)->name : "none"; }},
    {"dot_s8", dot, 2000, [](Cpu cpu) { return dot_s8(cpu) ? dot_s8(cpu)->name : "none"; }},
    {"hybrid_f32", hybrid, 2000, [](Cpu cpu) { return hybrid_f32(cpu).name; }},
    {"wide_s16", wide, 2000, [](Cpu cpu) { return wide_s16(cpu).name; }},
    {"table_s8", table, 500, [](Cpu cpu) { return table_s8(cpu).name; }},
    {"channel_table_s8", channel_table, 500, [](Cpu cpu) { return channel_table_s8(cpu).name; }},
    {"average_s8", average, 3000, [](Cpu cpu) { return average_s8(cpu) ? average_s8(cpu)->name : "none"; }},
    {"windows_f32", windows, 3000, [](Cpu cpu) { return windows_f32(cpu) ? windows_f32(cpu)->name : "none"; }},
    {"functions_f32", functions, 2000, [](Cpu cpu) { return functions_f32(cpu) ? functions_f32(cpu)->name : "none"; }},
};

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const auto cpu = find_cpu(argv[i]);
    if (!cpu || !has(*cpu)) return std::printf("%s is not there\n", argv[i]), 1;
  }
  int wrong = 0;
  for (const Family& family : families) {
    std::string compared = "generic";
    for (Cpu cpu : available_cpus()) {
      const std::string row = family.row(cpu);
      if (row == compared || row == "none" || row == "generic") continue;
      compared = row;
      std::size_t bytes = 0;
      for (int i = 0; i < family.cases; ++i) {
        const auto seed = static_cast<std::uint64_t>(i) * 7919 + 1;
        const Bytes expected = family.make(seed, Cpu::generic), got = family.make(seed, cpu);
        bytes += got.size();
        if (expected == got) continue;
        if (++wrong < 10) std::printf("%s/%s: case %d differs\n", family.name, row.c_str(), i);
      }
      std::printf("%s/%s: %d cases, %zu bytes compared\n", family.name, row.c_str(), family.cases, bytes);
    }
  }
  return wrong == 0 ? 0 : 1;
}
