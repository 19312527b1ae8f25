// What benchmarks report: rates, and how much of the machine's measured best they are.
#pragma once

#include <benchmark/benchmark.h>

#include <string>

#include "kernels/cpu.hpp"
#include "roofline.hpp"

namespace qgraph::bench {

/// GMAC/s, and their percentage of a peak.
inline void count_macs(benchmark::State& state, std::int64_t macs_of_one, const Peak& limit = multiply_peak()) {
  using benchmark::Counter;
  const double all = static_cast<double>(macs_of_one) * static_cast<double>(state.iterations()) / 1e9;
  state.counters["GMAC/s"] = Counter(all, Counter::kIsRate);
  if (const double peak = limit.giga_macs; peak > 0) state.counters["%peak"] = Counter(100 * all / peak, Counter::kIsRate);
}

/// GB/s read and written, and their percentage of what a copy of as much memory reaches.
inline void count_bytes(benchmark::State& state, std::int64_t bytes_of_one) {
  using benchmark::Counter;
  const double all = static_cast<double>(bytes_of_one) * static_cast<double>(state.iterations()) / 1e9;
  state.counters["GB/s"] = Counter(all, Counter::kIsRate);
  state.counters["%copy"] = Counter(100 * all / copy_peak(static_cast<std::size_t>(bytes_of_one)), Counter::kIsRate);
}

/// f(kernel, name) for each row that one of this processor's instruction sets selects; each row once.
template <class Find, class F>
void each_row(const Find& find, const F& f) {
  const char* last = nullptr;
  for (kernels::Cpu cpu : kernels::available_cpus()) {
    const auto* kernel = find(cpu);
    if (!kernel || kernel->name == last) continue;
    last = kernel->name;
    f(*kernel);
  }
}

// One function per file.
void add_gemm();
void add_depthwise();
void add_elementwise();
void add_floats();
void add_images();

}  // namespace qgraph::bench
