// 2 elements at a time. Intrinsics and internal linkage only.
#include <arm_neon.h>

#include "kernels/functions_f32/lines.hpp"

namespace qgraph::kernels {
namespace {

struct Two {
  static constexpr int lanes = 2;
  using Floats = float32x2_t;
  using Doubles = float64x2_t;
  using Mask = uint32x2_t;
  static Floats load(const float* p) noexcept { return vld1_f32(p); }
  static void store(float* p, Floats v) noexcept { vst1_f32(p, v); }
  static Floats all(float x) noexcept { return vdup_n_f32(x); }
  static Doubles all(double x) noexcept { return vdupq_n_f64(x); }
  static Doubles widened(Floats v) noexcept { return vcvt_f64_f32(v); }
  static Floats narrowed(Doubles v) noexcept { return vcvt_f32_f64(v); }
  static Floats add(Floats a, Floats b) noexcept { return vadd_f32(a, b); }
  static Doubles add(Doubles a, Doubles b) noexcept { return vaddq_f64(a, b); }
  static Floats subtract(Floats a, Floats b) noexcept { return vsub_f32(a, b); }
  static Doubles subtract(Doubles a, Doubles b) noexcept { return vsubq_f64(a, b); }
  static Floats multiply(Floats a, Floats b) noexcept { return vmul_f32(a, b); }
  static Doubles multiply(Doubles a, Doubles b) noexcept { return vmulq_f64(a, b); }
  static Doubles multiply_add(Doubles a, Doubles b, Doubles c) noexcept { return vfmaq_f64(c, a, b); }
  static Floats divide(Floats a, Floats b) noexcept { return vdiv_f32(a, b); }
  static Floats most(Floats a, Floats b) noexcept { return vbsl_f32(vcgt_f32(a, b), a, b); }
  static Floats least(Floats a, Floats b) noexcept { return vbsl_f32(vclt_f32(a, b), a, b); }
  static Floats magnitude(Floats v) noexcept { return vabs_f32(v); }
  static Floats negative(Floats v) noexcept { return vneg_f32(v); }
  static Floats with_sign(Floats v, Floats sign) noexcept { return vbsl_f32(vdup_n_u32(0x80000000U), sign, v); }
  static Mask less(Floats a, Floats b) noexcept { return vclt_f32(a, b); }
  static Mask not_a_number(Floats v) noexcept { return vmvn_u32(vceq_f32(v, v)); }
  static Floats select(Mask m, Floats a, Floats b) noexcept { return vbsl_f32(m, a, b); }
  static unsigned bits(Mask m) noexcept { return (vget_lane_u32(m, 0) & 1U) | (vget_lane_u32(m, 1) & 2U); }
  static constexpr int degree = 9;
  static Doubles power_of_e(Doubles x, Doubles& rest) noexcept {
    const Doubles k = vrndnq_f64(multiply(x, all(1.4426950408889634)));
    rest = subtract(x, multiply(k, all(0.6931471805599453)));
    return scaled(all(1.0), k);
  }
  static Doubles scaled(Doubles x, Doubles k) noexcept {
    const int64x2_t exponent = vaddq_s64(vcvtq_s64_f64(k), vdupq_n_s64(1023));
    return vmulq_f64(x, vreinterpretq_f64_s64(vshlq_n_s64(exponent, 52)));
  }
  static unsigned near_half(Doubles v) noexcept {
    const uint64x2_t behind = vandq_u64(vreinterpretq_u64_f64(v), vdupq_n_u64((1U << 29) - 1));
    const uint64x2_t near = vcltq_u64(vsubq_u64(behind, vdupq_n_u64(middle - near_middle)), vdupq_n_u64(2 * near_middle));
    return static_cast<unsigned>((vgetq_lane_u64(near, 0) & 1U) | (vgetq_lane_u64(near, 1) & 2U));
  }
};

}  // namespace

constexpr FunctionsF32Kernel functions_f32_neon = polynomials_of<Two>("neon", Cpu::neon);

}  // namespace qgraph::kernels
