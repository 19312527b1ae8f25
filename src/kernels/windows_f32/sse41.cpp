// 4 channels at a time. Intrinsics and internal linkage only.
#include <smmintrin.h>

#include "kernels/windows_f32/lines.hpp"

namespace qgraph::kernels {
namespace {

struct Channels {
  using Register = __m128;
  static constexpr int lanes = 4;
  static Register all(float x) noexcept { return _mm_set1_ps(x); }
  static Register load(const float* p) noexcept { return _mm_loadu_ps(p); }
  static Register load_part(const float* p, std::int64_t n) noexcept {
    alignas(16) float part[4] = {};
    __builtin_memcpy(part, p, static_cast<std::size_t>(n) * sizeof(float));
    return _mm_load_ps(part);
  }
  static void store(float* p, Register v) noexcept { _mm_storeu_ps(p, v); }
  static void store_part(float* p, Register v, std::int64_t n) noexcept {
    __builtin_memcpy(p, &v, static_cast<std::size_t>(n) * sizeof(float));
  }
  static Register add(Register a, Register b) noexcept { return _mm_add_ps(a, b); }
  static Register divide(Register a, Register b) noexcept { return _mm_div_ps(a, b); }
  static Register larger(Register a, Register b) noexcept { return _mm_max_ps(a, b); }
  static Register smaller(Register a, Register b) noexcept { return _mm_min_ps(a, b); }
};

}  // namespace

constexpr WindowsF32Kernel windows_f32_sse41{"sse41", Cpu::sse41, mean_windows<Channels>, most_windows<Channels>};

}  // namespace qgraph::kernels
