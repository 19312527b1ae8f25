// 16 channels at a time. Intrinsics and internal linkage only.
#include <immintrin.h>

#include "kernels/average_s8/lines.hpp"

namespace qgraph::kernels {
namespace {

struct Sixteen {
  static constexpr int lanes = 16;
  using Integers = __m512i;
  using Floats = __m512;
  static __mmask16 first(std::int64_t n) noexcept { return static_cast<__mmask16>((1U << n) - 1); }
  static Integers all(std::int32_t x) noexcept { return _mm512_set1_epi32(x); }
  static Floats all(float x) noexcept { return _mm512_set1_ps(x); }
  template <bool is_signed>
  static Integers load(const std::uint8_t* p, std::int64_t n) noexcept {
    const __m128i bytes = n == lanes ? _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)) : _mm_maskz_loadu_epi8(first(n), p);
    return is_signed ? _mm512_cvtepi8_epi32(bytes) : _mm512_cvtepu8_epi32(bytes);
  }
  static void store(std::uint8_t* p, Integers v, std::int64_t n) noexcept {
    if (n == lanes)
      _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(v));
    else
      _mm512_mask_cvtepi32_storeu_epi8(p, first(n), v);
  }
  static Integers add(Integers a, Integers b) noexcept { return _mm512_add_epi32(a, b); }
  static Floats add(Floats a, Floats b) noexcept { return _mm512_add_ps(a, b); }
  static Integers subtract(Integers a, Integers b) noexcept { return _mm512_sub_epi32(a, b); }
  static Floats multiply(Floats a, Floats b) noexcept { return _mm512_mul_ps(a, b); }
  static Floats divide(Floats a, Floats b) noexcept { return _mm512_div_ps(a, b); }
  static Integers least(Integers a, Integers b) noexcept { return _mm512_min_epi32(a, b); }
  static Integers most(Integers a, Integers b) noexcept { return _mm512_max_epi32(a, b); }
  static Floats least(Floats a, Floats b) noexcept { return _mm512_min_ps(a, b); }
  static Floats most(Floats a, Floats b) noexcept { return _mm512_max_ps(a, b); }
  static Floats to_float(Integers v) noexcept { return _mm512_cvtepi32_ps(v); }
  static Integers truncated(Floats v) noexcept { return _mm512_cvttps_epi32(v); }
  static Integers nearest(Floats v) noexcept {
    return _mm512_cvt_roundps_epi32(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  static Integers with_sign(Integers v, Integers sign) noexcept {
    const __m512i below = _mm512_srai_epi32(sign, 31);
    return _mm512_sub_epi32(_mm512_xor_si512(v, below), below);
  }
};

}  // namespace

constexpr AverageS8Kernel average_s8_avx512_vnni{"avx512_vnni", Cpu::avx512_vnni, average_stored<Sixteen>, average_real<Sixteen>};

}  // namespace qgraph::kernels
