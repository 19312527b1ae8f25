// Random layers on the reference kernels, on every instruction set of this processor, and on several threads.
#pragma once

#include "kernels/cpu.hpp"
#include "kernels/random_layers.hpp"
#include "support/catch.hpp"

namespace qgraph::test {

/// How many of `count` layers ran, and with how many of them the fast kernels prepared something of their own.
struct Tally {
  int ran = 0, differing_plans = 0;
};

/// `beside`: the kernels that all others are compared with; fast ones are then the portable ones, on what passes make of a graph.
inline Tally check_equal(Case (*make)(Random&), int count, std::uint64_t first_seed, Kernels beside = Kernels::reference) {
  Tally tally;
  for (int i = 0; i < count; ++i) {
    Random random(first_seed + static_cast<std::uint64_t>(i));
    const Case c = make(random);
    INFO("seed " << first_seed + static_cast<std::uint64_t>(i) << ": " << c.text);
    const Ran reference = run(c, beside, beside == Kernels::fast ? "generic" : std::string_view());
    for (kernels::Cpu cpu : kernels::available_cpus()) {
      INFO(name(cpu));
      const Ran fast = run(c, Kernels::fast, name(cpu));
      REQUIRE(fast.error == reference.error);
      REQUIRE(fast.output == reference.output);
      if (fast.packed_bytes != reference.packed_bytes) ++tally.differing_plans;
    }
    const int threads = static_cast<int>(random.one_of<std::int64_t>({2, 3, 7}));
    INFO(threads << " threads");
    REQUIRE(run(c, Kernels::fast, {}, threads).output == reference.output);
    if (reference.error.empty()) ++tally.ran;
  }
  return tally;
}

}  // namespace qgraph::test
