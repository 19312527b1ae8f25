// 4 channels at a time. Intrinsics and internal linkage only.
#include <arm_neon.h>

#include "kernels/windows_f32/lines.hpp"

namespace qgraph::kernels {
namespace {

struct Channels {
  using Register = float32x4_t;
  static constexpr int lanes = 4;
  static Register all(float x) noexcept { return vdupq_n_f32(x); }
  static Register load(const float* p) noexcept { return vld1q_f32(p); }
  static Register load_part(const float* p, std::int64_t n) noexcept {
    float part[4] = {};
    __builtin_memcpy(part, p, static_cast<std::size_t>(n) * sizeof(float));
    return vld1q_f32(part);
  }
  static void store(float* p, Register v) noexcept { vst1q_f32(p, v); }
  static void store_part(float* p, Register v, std::int64_t n) noexcept {
    __builtin_memcpy(p, &v, static_cast<std::size_t>(n) * sizeof(float));
  }
  static Register add(Register a, Register b) noexcept { return vaddq_f32(a, b); }
  static Register divide(Register a, Register b) noexcept { return vdivq_f32(a, b); }
  static Register larger(Register a, Register b) noexcept { return vbslq_f32(vcgtq_f32(a, b), a, b); }
  static Register smaller(Register a, Register b) noexcept { return vbslq_f32(vcltq_f32(a, b), a, b); }
};

}  // namespace

constexpr WindowsF32Kernel windows_f32_neon{"neon", Cpu::neon, mean_windows<Channels>, most_windows<Channels>};

}  // namespace qgraph::kernels
