// 64 bytes at a time. Intrinsics and internal linkage only.
#include <immintrin.h>

#include "kernels/extreme_s8/rows.hpp"

namespace qgraph::kernels {
namespace {

struct Bytes64 {
  using Register = __m512i;
  static constexpr int size = 64;
  static __mmask64 first(std::int64_t n) noexcept { return (__mmask64{1} << n) - 1; }
  static Register all(std::uint8_t x) noexcept { return _mm512_set1_epi8(static_cast<char>(x)); }
  static Register load(const std::uint8_t* p) noexcept { return _mm512_loadu_si512(p); }
  static Register load_part(const std::uint8_t* p, std::int64_t n, Register order) noexcept {
    return _mm512_mask_mov_epi8(_mm512_setzero_si512(), first(n), flip(_mm512_maskz_loadu_epi8(first(n), p), order));
  }
  static void store(std::uint8_t* p, Register v) noexcept { _mm512_storeu_si512(p, v); }
  static void store_part(std::uint8_t* p, std::int64_t n, Register v) noexcept { _mm512_mask_storeu_epi8(p, first(n), v); }
  static Register flip(Register v, Register order) noexcept { return _mm512_xor_si512(v, order); }
  static Register larger(Register a, Register b) noexcept { return _mm512_max_epu8(a, b); }
  static Register smaller(Register a, Register b) noexcept { return _mm512_min_epu8(a, b); }
  static std::uint64_t equal(Register a, Register b) noexcept { return _mm512_cmpeq_epi8_mask(a, b); }
  static std::uint8_t largest(Register v) noexcept {
    const __m256i half = _mm256_max_epu8(_mm512_castsi512_si256(v), _mm512_extracti64x4_epi64(v, 1));
    const __m128i most = _mm_max_epu8(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
    const __m128i least = _mm_xor_si128(most, _mm_set1_epi8(-1));
    const __m128i words = _mm_min_epu8(least, _mm_srli_epi16(least, 8));
    return static_cast<std::uint8_t>(~_mm_cvtsi128_si32(_mm_minpos_epu16(words)));
  }
};

}  // namespace

constexpr ExtremeS8Kernel extreme_s8_avx512_vnni{"avx512_vnni", Cpu::avx512_vnni, between<Bytes64>, windows<Bytes64>,
                                                 places<Bytes64>};

}  // namespace qgraph::kernels
