// 8 channels at a time. Intrinsics and internal linkage only.
#include <immintrin.h>

#include "kernels/average_s8/lines.hpp"

namespace qgraph::kernels {
namespace {

struct Eight {
  static constexpr int lanes = 8;
  using Integers = __m256i;
  using Floats = __m256;
  static Integers all(std::int32_t x) noexcept { return _mm256_set1_epi32(x); }
  static Floats all(float x) noexcept { return _mm256_set1_ps(x); }
  template <bool is_signed>
  static Integers load(const std::uint8_t* p, std::int64_t n) noexcept {
    std::uint64_t word = 0;
    if (n == lanes)
      __builtin_memcpy(&word, p, 8);
    else
      __builtin_memcpy(&word, p, static_cast<std::size_t>(n));
    const __m128i bytes = _mm_cvtsi64_si128(static_cast<long long>(word));
    return is_signed ? _mm256_cvtepi8_epi32(bytes) : _mm256_cvtepu8_epi32(bytes);
  }
  static void store(std::uint8_t* p, Integers v, std::int64_t n) noexcept {
    const __m256i low = _mm256_and_si256(v, _mm256_set1_epi32(0xFF));
    const __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(low), _mm256_extracti128_si256(low, 1));
    const long long bytes = _mm_cvtsi128_si64(_mm_packus_epi16(words, words));
    __builtin_memcpy(p, &bytes, n == lanes ? std::size_t{8} : static_cast<std::size_t>(n));
  }
  static Integers add(Integers a, Integers b) noexcept { return _mm256_add_epi32(a, b); }
  static Floats add(Floats a, Floats b) noexcept { return _mm256_add_ps(a, b); }
  static Integers subtract(Integers a, Integers b) noexcept { return _mm256_sub_epi32(a, b); }
  static Floats multiply(Floats a, Floats b) noexcept { return _mm256_mul_ps(a, b); }
  static Floats divide(Floats a, Floats b) noexcept { return _mm256_div_ps(a, b); }
  static Integers least(Integers a, Integers b) noexcept { return _mm256_min_epi32(a, b); }
  static Integers most(Integers a, Integers b) noexcept { return _mm256_max_epi32(a, b); }
  static Floats least(Floats a, Floats b) noexcept { return _mm256_min_ps(a, b); }
  static Floats most(Floats a, Floats b) noexcept { return _mm256_max_ps(a, b); }
  static Floats to_float(Integers v) noexcept { return _mm256_cvtepi32_ps(v); }
  static Integers truncated(Floats v) noexcept { return _mm256_cvttps_epi32(v); }
  static Integers nearest(Floats v) noexcept {
    return _mm256_cvttps_epi32(_mm256_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  }
  static Integers with_sign(Integers v, Integers sign) noexcept {
    return _mm256_sign_epi32(v, _mm256_or_si256(sign, _mm256_set1_epi32(1)));
  }
};

}  // namespace

constexpr AverageS8Kernel average_s8_avx2{"avx2", Cpu::avx2, average_stored<Eight>, average_real<Eight>};

}  // namespace qgraph::kernels
