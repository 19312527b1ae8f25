// Bytes replaced by a table's.
#pragma once

#include <cstdint>

#include "kernels/cpu.hpp"

namespace qgraph::kernels {

/// out[i] = table[in[i]]; 256 entries.
using TableS8Fn = void (*)(const std::uint8_t* table, const std::uint8_t* in, std::uint8_t* out, std::int64_t n) noexcept;

struct TableS8Kernel {
  const char* name = nullptr;
  Cpu needs = Cpu::generic;
  TableS8Fn run = nullptr;
};
const TableS8Kernel& table_s8(Cpu chosen) noexcept;

}  // namespace qgraph::kernels
