// 4 elements at a time. Intrinsics and internal linkage only.
#include <immintrin.h>

#include "kernels/functions_f32/lines.hpp"

namespace qgraph::kernels {
namespace {

struct Four {
  static constexpr int lanes = 4;
  using Floats = __m128;
  using Doubles = __m256d;
  using Mask = __m128;
  static Floats load(const float* p) noexcept { return _mm_loadu_ps(p); }
  static void store(float* p, Floats v) noexcept { _mm_storeu_ps(p, v); }
  static Floats all(float x) noexcept { return _mm_set1_ps(x); }
  static Doubles all(double x) noexcept { return _mm256_set1_pd(x); }
  static Doubles widened(Floats v) noexcept { return _mm256_cvtps_pd(v); }
  static Floats narrowed(Doubles v) noexcept { return _mm256_cvtpd_ps(v); }
  static Floats add(Floats a, Floats b) noexcept { return _mm_add_ps(a, b); }
  static Doubles add(Doubles a, Doubles b) noexcept { return _mm256_add_pd(a, b); }
  static Floats subtract(Floats a, Floats b) noexcept { return _mm_sub_ps(a, b); }
  static Doubles subtract(Doubles a, Doubles b) noexcept { return _mm256_sub_pd(a, b); }
  static Floats multiply(Floats a, Floats b) noexcept { return _mm_mul_ps(a, b); }
  static Doubles multiply(Doubles a, Doubles b) noexcept { return _mm256_mul_pd(a, b); }
  static Doubles multiply_add(Doubles a, Doubles b, Doubles c) noexcept { return add(multiply(a, b), c); }
  static Floats divide(Floats a, Floats b) noexcept { return _mm_div_ps(a, b); }
  static Floats most(Floats a, Floats b) noexcept { return _mm_max_ps(a, b); }
  static Floats least(Floats a, Floats b) noexcept { return _mm_min_ps(a, b); }
  static Floats magnitude(Floats v) noexcept { return _mm_andnot_ps(all(-0.0F), v); }
  static Floats negative(Floats v) noexcept { return _mm_xor_ps(all(-0.0F), v); }
  static Floats with_sign(Floats v, Floats sign) noexcept { return _mm_or_ps(magnitude(v), _mm_and_ps(all(-0.0F), sign)); }
  static Mask less(Floats a, Floats b) noexcept { return _mm_cmplt_ps(a, b); }
  static Mask not_a_number(Floats v) noexcept { return _mm_cmpunord_ps(v, v); }
  static Floats select(Mask m, Floats a, Floats b) noexcept { return _mm_blendv_ps(b, a, m); }
  static unsigned bits(Mask m) noexcept { return static_cast<unsigned>(_mm_movemask_ps(m)); }
  static constexpr int degree = 9;
  static Doubles power_of_e(Doubles x, Doubles& rest) noexcept {
    const Doubles k = _mm256_round_pd(multiply(x, all(1.4426950408889634)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    rest = subtract(x, multiply(k, all(0.6931471805599453)));
    return scaled(all(1.0), k);
  }
  /// The exponent of 2^k comes to lie in the last bits of what is added.
  static Doubles scaled(Doubles x, Doubles k) noexcept {
    const __m256i bits = _mm256_castpd_si256(_mm256_add_pd(k, all(6755399441055744.0 + 1023)));
    return _mm256_mul_pd(x, _mm256_castsi256_pd(_mm256_slli_epi64(bits, 52)));
  }
  static unsigned near_half(Doubles v) noexcept {
    const __m256i behind = _mm256_and_si256(_mm256_castpd_si256(v), _mm256_set1_epi64x((1 << 29) - 1));
    const __m256i distance = _mm256_sub_epi32(behind, _mm256_set1_epi64x(middle - near_middle));
    const __m256i near = _mm256_cmpeq_epi32(_mm256_min_epu32(distance, _mm256_set1_epi64x(2 * near_middle - 1)), distance);
    return static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_slli_epi64(near, 32))));
  }
};

}  // namespace

constexpr FunctionsF32Kernel functions_f32_avx2 = [] {
  FunctionsF32Kernel kernel = functions_of<Four>("avx2", Cpu::avx2);
  kernel.logistic = nullptr;  // four at a time it is as fast as expf one by one
  return kernel;
}();

}  // namespace qgraph::kernels
