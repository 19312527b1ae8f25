// Instruction sets that fast kernels are written for: which this processor has, and which are to be used.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace qgraph::kernels {

/// Later ones of an architecture are to be preferred. Processors with AVX-512 VNNI need not have AVX-VNNI; else each has all of
/// those before it.
enum class Cpu : std::uint8_t { generic, sse41, avx2, avx_vnni, avx512_vnni, avx512_vbmi, amx_int8, neon, neon_dot };

std::string_view name(Cpu cpu) noexcept;
std::optional<Cpu> find_cpu(std::string_view name) noexcept;
/// Does this processor, and its operating system, have it? Asks Linux for tiles of AMX, once.
bool has(Cpu cpu) noexcept;
/// The most that this processor has.
Cpu best_cpu() noexcept;
/// May a kernel that needs one run on this processor where the other was chosen?
bool serves(Cpu needed, Cpu chosen) noexcept;
/// All that this processor has; generic first.
std::span<const Cpu> available_cpus() noexcept;

}  // namespace qgraph::kernels
