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
  add_floats();
  add_images();
  for (const Peak& peak : {multiply_peak(), float_peak()})
    if (*peak.instruction) std::fprintf(stderr, "one core: %s %.1f GMAC/s\n", peak.instruction, peak.giga_macs);
  std::fprintf(stderr, "copy: %.1f GB/s in 64 kB, %.1f in 8 MB\n", copy_peak(64 << 10), copy_peak(8 << 20));
  const Peak& peak = multiply_peak();
  benchmark::AddCustomContext("multiply_peak", std::string(peak.instruction) + " " + std::to_string(peak.giga_macs) + " GMAC/s");
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
