// 32 bytes at a time. Intrinsics and internal linkage only.
#include <immintrin.h>

#include "kernels/extreme_s8/rows.hpp"

namespace qgraph::kernels {
namespace {

struct Bytes32 {
  using Register = __m256i;
  static constexpr int size = 32;
  static Register all(std::uint8_t x) noexcept { return _mm256_set1_epi8(static_cast<char>(x)); }
  static Register load(const std::uint8_t* p) noexcept { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  static Register load_part(const std::uint8_t* p, std::int64_t n, Register order) noexcept {
    alignas(32) std::uint8_t bytes[32], there[32];
    for (int i = 0; i < 32; ++i) {
      bytes[i] = i < n ? p[i] : 0;
      there[i] = i < n ? 0xFF : 0;
    }
    return _mm256_and_si256(flip(load(bytes), order), load(there));
  }
  static void store(std::uint8_t* p, Register v) noexcept { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
  static void store_part(std::uint8_t* p, std::int64_t n, Register v) noexcept {
    alignas(32) std::uint8_t bytes[32];
    store(bytes, v);
    for (std::int64_t i = 0; i < n; ++i) p[i] = bytes[i];
  }
  static Register flip(Register v, Register order) noexcept { return _mm256_xor_si256(v, order); }
  static Register larger(Register a, Register b) noexcept { return _mm256_max_epu8(a, b); }
  static Register smaller(Register a, Register b) noexcept { return _mm256_min_epu8(a, b); }
  static std::uint64_t equal(Register a, Register b) noexcept {
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, b)));
  }
  static std::uint8_t largest(Register v) noexcept {
    const __m128i most = _mm_max_epu8(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    const __m128i least = _mm_xor_si128(most, _mm_set1_epi8(-1));
    const __m128i words = _mm_min_epu8(least, _mm_srli_epi16(least, 8));
    return static_cast<std::uint8_t>(~_mm_cvtsi128_si32(_mm_minpos_epu16(words)));
  }
};

}  // namespace

constexpr ExtremeS8Kernel extreme_s8_avx2{"avx2", Cpu::avx2, between<Bytes32>, windows<Bytes32>, places<Bytes32>};

}  // namespace qgraph::kernels
