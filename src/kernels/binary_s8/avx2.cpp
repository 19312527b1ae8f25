// 8 elements at a time. Intrinsics and internal linkage only.
#include "kernels/binary_s8/kernels.hpp"
#include "kernels/requantize_avx2.hpp"

namespace qgraph::kernels {
namespace {

using Op = BinaryS8::Op;

/// Fixed point with two roundings.
inline __m256i rescaled(__m256i x, const BinaryS8::Scale& s) noexcept {
  const __m256i high = high_multiply8(s.left > 0 ? _mm256_slli_epi32(x, s.left) : x, _mm256_set1_epi32(s.multiplier));
  if (s.right == 0) return high;
  const __m256i shifted = _mm256_srav_epi32(_mm256_add_epi32(high, _mm256_srai_epi32(high, 31)), _mm256_set1_epi32(s.right - 1));
  return _mm256_srai_epi32(_mm256_add_epi32(shifted, _mm256_set1_epi32(1)), 1);
}

template <int bits = 20>
inline __m256i scaled(__m256i x, const BinaryS8::Scale& s) noexcept {
  return s.half ? _mm256_slli_epi32(x, bits - 1) : rescaled(_mm256_slli_epi32(x, bits), s);
}

inline __m128i eight(const BinaryS8& b, __m128i x, __m128i y) noexcept {
  const auto flip = [](const BinaryS8::Operand& o) { return _mm_set1_epi8(static_cast<char>(o.flip)); };
  const __m256i first = _mm256_sub_epi32(_mm256_cvtepi8_epi32(_mm_xor_si128(x, flip(b.x))), _mm256_set1_epi32(b.x.zero_point));
  const __m256i second = _mm256_sub_epi32(_mm256_cvtepi8_epi32(_mm_xor_si128(y, flip(b.y))), _mm256_set1_epi32(b.y.zero_point));
  __m256i both;
  switch (b.op) {
    case Op::sum: both = _mm256_add_epi32(scaled(first, b.x.scale), scaled(second, b.y.scale)); break;
    case Op::difference: both = _mm256_sub_epi32(scaled(first, b.x.scale), scaled(second, b.y.scale)); break;
    case Op::squared_difference:
      both = _mm256_sub_epi32(scaled<7>(first, b.x.scale), scaled<7>(second, b.y.scale));
      both = _mm256_mullo_epi32(both, both);
      break;
    default: both = _mm256_mullo_epi32(first, second);
  }
  const __m256i most = _mm256_set1_epi32(b.high - b.result.zero_point), least = _mm256_set1_epi32(b.low - b.result.zero_point);
  const __m256i value = _mm256_max_epi32(_mm256_min_epi32(rescaled(both, b.result.scale), most), least);
  const __m256i stored = _mm256_add_epi32(value, _mm256_set1_epi32(b.result.zero_point));
  const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(stored), _mm256_extracti128_si256(stored, 1));
  return _mm_xor_si128(_mm_packs_epi16(words, words), flip(b.result));
}

inline __m128i load(const std::uint8_t* p, int step, std::int64_t i, std::int64_t n) noexcept {
  if (step == 0) return _mm_set1_epi8(static_cast<char>(*p));
  if (n >= 8) return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p + i));
  std::uint8_t rest[8] = {};
  __builtin_memcpy(rest, p + i, static_cast<std::size_t>(n));
  return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(rest));
}

}  // namespace

void binary_s8_avx2(const BinaryS8& b, const std::uint8_t* x, int x_step, const std::uint8_t* y, int y_step, std::uint8_t* out,
                    std::int64_t n) noexcept {
  for (std::int64_t i = 0; i < n; i += 8) {
    const __m128i result = eight(b, load(x, x_step, i, n - i), load(y, y_step, i, n - i));
    if (n - i >= 8) {
      _mm_storel_epi64(reinterpret_cast<__m128i*>(out + i), result);
    } else {
      std::uint8_t rest[8];
      _mm_storel_epi64(reinterpret_cast<__m128i*>(rest), result);
      __builtin_memcpy(out + i, rest, static_cast<std::size_t>(n - i));
    }
  }
}

}  // namespace qgraph::kernels
