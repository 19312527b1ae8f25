// 4 channels at a time. Intrinsics and internal linkage only.
#include <smmintrin.h>

#include "kernels/average_s8/lines.hpp"

namespace qgraph::kernels {
namespace {

struct Four {
  static constexpr int lanes = 4;
  using Integers = __m128i;
  using Floats = __m128;
  static Integers all(std::int32_t x) noexcept { return _mm_set1_epi32(x); }
  static Floats all(float x) noexcept { return _mm_set1_ps(x); }
  template <bool is_signed>
  static Integers load(const std::uint8_t* p, std::int64_t n) noexcept {
    std::int32_t word = 0;
    if (n == lanes)
      __builtin_memcpy(&word, p, 4);
    else
      __builtin_memcpy(&word, p, static_cast<std::size_t>(n));
    const __m128i bytes = _mm_cvtsi32_si128(word);
    return is_signed ? _mm_cvtepi8_epi32(bytes) : _mm_cvtepu8_epi32(bytes);
  }
  static void store(std::uint8_t* p, Integers v, std::int64_t n) noexcept {
    const __m128i words = _mm_packus_epi32(_mm_and_si128(v, _mm_set1_epi32(0xFF)), _mm_setzero_si128());
    const int bytes = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
    __builtin_memcpy(p, &bytes, n == lanes ? std::size_t{4} : static_cast<std::size_t>(n));
  }
  static Integers add(Integers a, Integers b) noexcept { return _mm_add_epi32(a, b); }
  static Floats add(Floats a, Floats b) noexcept { return _mm_add_ps(a, b); }
  static Integers subtract(Integers a, Integers b) noexcept { return _mm_sub_epi32(a, b); }
  static Floats multiply(Floats a, Floats b) noexcept { return _mm_mul_ps(a, b); }
  static Floats divide(Floats a, Floats b) noexcept { return _mm_div_ps(a, b); }
  static Integers least(Integers a, Integers b) noexcept { return _mm_min_epi32(a, b); }
  static Integers most(Integers a, Integers b) noexcept { return _mm_max_epi32(a, b); }
  static Floats least(Floats a, Floats b) noexcept { return _mm_min_ps(a, b); }
  static Floats most(Floats a, Floats b) noexcept { return _mm_max_ps(a, b); }
  static Floats to_float(Integers v) noexcept { return _mm_cvtepi32_ps(v); }
  static Integers truncated(Floats v) noexcept { return _mm_cvttps_epi32(v); }
  static Integers nearest(Floats v) noexcept {
    return _mm_cvttps_epi32(_mm_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  }
  static Integers with_sign(Integers v, Integers sign) noexcept {
    return _mm_sign_epi32(v, _mm_or_si128(sign, _mm_set1_epi32(1)));
  }
};

}  // namespace

constexpr AverageS8Kernel average_s8_sse41{"sse41", Cpu::sse41, average_stored<Four>, average_real<Four>};

}  // namespace qgraph::kernels
