// Bytes replaced by a table's, of which each channel has its own.
#pragma once

#include <cstdint>

#include "kernels/cpu.hpp"

namespace qgraph::kernels {

/// Pixels of `channels` bytes side by side: out[p][c] = tables[c][in[p][c]], 256 entries each.
using ChannelTableS8Fn = void (*)(const std::uint8_t* tables, std::int64_t channels, const std::uint8_t* in, std::uint8_t* out,
                                  std::int64_t pixels) noexcept;

struct ChannelTableS8Kernel {
  const char* name = nullptr;
  Cpu needs = Cpu::generic;
  ChannelTableS8Fn run = nullptr;
};
const ChannelTableS8Kernel& channel_table_s8(Cpu chosen) noexcept;

}  // namespace qgraph::kernels
