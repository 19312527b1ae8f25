// Counts what the test program allocates with operator new.
#pragma once

#include <cstdint>

namespace qgraph::test {

/// Calls of operator new so far, of all threads.
std::uint64_t allocations() noexcept;

}  // namespace qgraph::test
