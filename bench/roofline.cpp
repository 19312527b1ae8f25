// The best of several short measurements: what disturbs makes them slower, never faster.
#include "roofline.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <vector>

#include "kernels/cpu.hpp"

namespace qgraph::bench {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

double most_per_second(std::int64_t (*work)(std::int64_t rounds) noexcept) {
  double most = 0;
  for (int again = 0; again < 40; ++again) {
    const auto begin = Clock::now();
    const std::int64_t done = work(100'000);
    most = std::max(most, static_cast<double>(done) / seconds_since(begin));
  }
  return most;
}

Peak measured_peak() {
#if defined(__x86_64__) && defined(__GNUC__)
  if (kernels::has(kernels::Cpu::avx512_vnni)) return {"vpdpbusd, 512 bits", most_per_second(multiply_avx512_vnni) / 1e9};
  if (kernels::has(kernels::Cpu::avx_vnni)) return {"vpdpbusd, 256 bits", most_per_second(multiply_avx_vnni) / 1e9};
  if (kernels::has(kernels::Cpu::avx2)) return {"vpmaddwd, 256 bits", most_per_second(multiply_avx2) / 1e9};
#endif
  return {};
}

Peak measured_float_peak() {
#if defined(__x86_64__) && defined(__GNUC__)
  if (kernels::has(kernels::Cpu::avx512_vnni)) return {"vfmadd, 512 bits", most_per_second(multiply_f32_avx512_vnni) / 1e9};
  if (kernels::has(kernels::Cpu::avx2) && __builtin_cpu_supports("fma"))
    return {"vfmadd, 256 bits", most_per_second(multiply_f32_avx2) / 1e9};
#endif
  return {};
}

double measured_copy(std::size_t bytes) {
  const std::size_t half = std::max<std::size_t>(bytes / 2, 64), times = std::max<std::size_t>((4U << 20) / half, 1);
  std::vector<char> from(half, 1), to(half, 2);
  double most = 0;
  for (int again = 0; again < 20; ++again) {
    const auto begin = Clock::now();
    for (std::size_t i = 0; i < times; ++i) {
      std::memcpy(to.data(), from.data(), half);
      __asm__ volatile("" : : "r"(to.data()) : "memory");
    }
    most = std::max(most, static_cast<double>(2 * half * times) / seconds_since(begin));
  }
  return most / 1e9;
}

}  // namespace

const Peak& multiply_peak() {
  static const Peak peak = measured_peak();
  return peak;
}

const Peak& float_peak() {
  static const Peak peak = measured_float_peak();
  return peak;
}

double copy_peak(std::size_t bytes) {
  static std::map<std::size_t, double> known;
  const auto [at, added] = known.try_emplace(bytes, 0.0);
  if (added) at->second = measured_copy(bytes);
  return at->second;
}

}  // namespace qgraph::bench
