// Detection of instruction sets: cpuid through the compiler's builtins, auxiliary vector on AArch64.
#include "kernels/cpu.hpp"

#include <array>
#include <utility>

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif
#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
#include <cpuid.h>
#endif
#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace qgraph::kernels {
namespace {

constexpr std::array<std::pair<Cpu, std::string_view>, 9> names{{{Cpu::generic, "generic"},
                                                                 {Cpu::sse41, "sse41"},
                                                                 {Cpu::avx2, "avx2"},
                                                                 {Cpu::avx_vnni, "avx_vnni"},
                                                                 {Cpu::avx512_vnni, "avx512_vnni"},
                                                                 {Cpu::avx512_vbmi, "avx512_vbmi"},
                                                                 {Cpu::amx_int8, "amx_int8"},
                                                                 {Cpu::neon, "neon"},
                                                                 {Cpu::neon_dot, "neon_dot"}}};

#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
/// Leaf 7.1, EAX bit 4; clang 14 has no word for it.
bool has_avx_vnni() noexcept {
  unsigned int eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0 && (eax & (1U << 4)) != 0;
}

/// Leaf 7, EDX bits 24 (tiles) and 25 (of bytes). Linux gives a process tiles when it asks for them, all its threads alike.
bool has_amx_int8() noexcept {
#if defined(__x86_64__) && defined(__linux__)
  unsigned int eax = 0, ebx = 0, ecx = 0, edx = 0;
  constexpr unsigned int tiles = 3U << 24;
  constexpr long request_permission = 0x1023, tile_data = 18;
  static const bool granted = __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (edx & tiles) == tiles &&
                              syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
  return granted;
#else
  return false;
#endif
}
#endif

struct Available {
  std::array<Cpu, names.size()> list{};
  std::size_t size = 0;
  Available() noexcept {
    for (const auto& [cpu, word] : names)
      if (has(cpu)) list[size++] = cpu;
  }
};

const Available& available() noexcept {
  static const Available found;
  return found;
}

}  // namespace

std::string_view name(Cpu wanted) noexcept {
  for (const auto& [cpu, word] : names)
    if (cpu == wanted) return word;
  return {};
}

std::optional<Cpu> find_cpu(std::string_view wanted) noexcept {
  for (const auto& [cpu, word] : names)
    if (word == wanted) return cpu;
  return std::nullopt;
}

bool has(Cpu cpu) noexcept {
  switch (cpu) {
    case Cpu::generic: return true;
#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
    case Cpu::sse41: return __builtin_cpu_supports("sse4.1");
    case Cpu::avx2: return __builtin_cpu_supports("avx2");
    case Cpu::avx_vnni: return has(Cpu::avx2) && has_avx_vnni();
    case Cpu::avx512_vnni:
      return has(Cpu::avx2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni");
    case Cpu::amx_int8: return has(Cpu::avx512_vbmi) && has_amx_int8();
    case Cpu::avx512_vbmi: return has(Cpu::avx512_vnni) && __builtin_cpu_supports("avx512vbmi");
#elif defined(__aarch64__)
    case Cpu::neon: return true;
#if defined(__linux__)
    case Cpu::neon_dot: return (getauxval(AT_HWCAP) & (1UL << 20)) != 0;  // HWCAP_ASIMDDP
#endif
#endif
    default: return false;
  }
}

Cpu best_cpu() noexcept { return available().list[available().size - 1]; }
std::span<const Cpu> available_cpus() noexcept { return {available().list.data(), available().size}; }
bool serves(Cpu needed, Cpu chosen) noexcept {
  if (needed > chosen) return false;
  for (Cpu cpu : available_cpus())
    if (cpu == needed) return true;
  return false;
}

}  // namespace qgraph::kernels
