// 8 elements at a time. Intrinsics and internal linkage only.
#include <immintrin.h>

#include "kernels/functions_f32/lines.hpp"

namespace qgraph::kernels {
namespace {

struct Eight {
  static constexpr int lanes = 8;
  using Floats = __m256;
  using Doubles = __m512d;
  using Mask = __mmask8;
  static Floats load(const float* p) noexcept { return _mm256_loadu_ps(p); }
  static void store(float* p, Floats v) noexcept { _mm256_storeu_ps(p, v); }
  static Floats all(float x) noexcept { return _mm256_set1_ps(x); }
  static Doubles all(double x) noexcept { return _mm512_set1_pd(x); }
  static Doubles widened(Floats v) noexcept { return _mm512_cvtps_pd(v); }
  static Floats narrowed(Doubles v) noexcept { return _mm512_cvtpd_ps(v); }
  static Floats add(Floats a, Floats b) noexcept { return _mm256_add_ps(a, b); }
  static Doubles add(Doubles a, Doubles b) noexcept { return _mm512_add_pd(a, b); }
  static Floats subtract(Floats a, Floats b) noexcept { return _mm256_sub_ps(a, b); }
  static Doubles subtract(Doubles a, Doubles b) noexcept { return _mm512_sub_pd(a, b); }
  static Floats multiply(Floats a, Floats b) noexcept { return _mm256_mul_ps(a, b); }
  static Doubles multiply(Doubles a, Doubles b) noexcept { return _mm512_mul_pd(a, b); }
  static Doubles multiply_add(Doubles a, Doubles b, Doubles c) noexcept { return _mm512_fmadd_pd(a, b, c); }
  static Floats divide(Floats a, Floats b) noexcept { return _mm256_div_ps(a, b); }
  static Floats most(Floats a, Floats b) noexcept { return _mm256_max_ps(a, b); }
  static Floats least(Floats a, Floats b) noexcept { return _mm256_min_ps(a, b); }
  static Floats magnitude(Floats v) noexcept { return _mm256_andnot_ps(all(-0.0F), v); }
  static Floats negative(Floats v) noexcept { return _mm256_xor_ps(all(-0.0F), v); }
  static Floats with_sign(Floats v, Floats sign) noexcept { return _mm256_or_ps(magnitude(v), _mm256_and_ps(all(-0.0F), sign)); }
  static Mask less(Floats a, Floats b) noexcept { return _mm256_cmp_ps_mask(a, b, _CMP_LT_OQ); }
  static Mask not_a_number(Floats v) noexcept { return _mm256_cmp_ps_mask(v, v, _CMP_UNORD_Q); }
  static Floats select(Mask m, Floats a, Floats b) noexcept { return _mm256_mask_mov_ps(b, m, a); }
  static unsigned bits(Mask m) noexcept { return m; }
  static constexpr int degree = 5;
  /// Steps of an eighth of ln 2. Their number lies in the last bits of what is added, the permutation reads the last three.
  static Doubles power_of_e(Doubles x, Doubles& rest) noexcept {
    const Doubles eighths =
        _mm512_setr_pd(1.0, 0x1.172b83c7d517bp+0, 0x1.306fe0a31b715p+0, 0x1.4bfdad5362a27p+0, 0x1.6a09e667f3bcdp+0,
                       0x1.8ace5422aa0dbp+0, 0x1.ae89f995ad3adp+0, 0x1.d5818dcfba487p+0);
    const Doubles magic = all(6755399441055744.0), sum = _mm512_fmadd_pd(x, all(8 * 1.4426950408889634), magic);
    const Doubles k = subtract(sum, magic);
    rest = _mm512_fnmadd_pd(k, all(0.6931471805599453 / 8), x);
    return _mm512_scalef_pd(_mm512_permutexvar_pd(_mm512_castpd_si512(sum), eighths), multiply(k, all(0.125)));
  }
  static Doubles scaled(Doubles x, Doubles k) noexcept { return _mm512_scalef_pd(x, k); }
  static unsigned near_half(Doubles v) noexcept {
    const __m512i behind = _mm512_and_si512(_mm512_castpd_si512(v), _mm512_set1_epi64((1 << 29) - 1));
    return _mm512_cmplt_epu64_mask(_mm512_sub_epi64(behind, _mm512_set1_epi64(middle - near_middle)),
                                   _mm512_set1_epi64(2 * near_middle));
  }
};

}  // namespace

constexpr FunctionsF32Kernel functions_f32_avx512_vnni = functions_of<Eight>("avx512_vnni", Cpu::avx512_vnni);

}  // namespace qgraph::kernels
