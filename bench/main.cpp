// Registers the benchmarks, says what the machine can do, and runs them.
#include <cstdio>

#include "counters.hpp"

int main(int argc, char** argv) {
  using namespace qgraph::bench;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  add_gemm();
  add_depthwise();
  add_elementwise();
  const Peak& peak = multiply_peak();
  std::fprintf(stderr, "one core: %s %.1f GMAC/s; copy %.1f GB/s in 64 kB, %.1f in 8 MB\n",
               *peak.instruction ? peak.instruction : "no multiply peak", peak.giga_macs, copy_peak(64 << 10),
               copy_peak(8 << 20));
  benchmark::AddCustomContext("multiply_peak", std::string(peak.instruction) + " " + std::to_string(peak.giga_macs) + " GMAC/s");
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
