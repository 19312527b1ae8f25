// 8 elements at a time. Intrinsics and internal linkage only.
#include "kernels/binary_s8/kernels.hpp"
#include "kernels/requantize_sse41.hpp"

namespace qgraph::kernels {
namespace {

using Op = BinaryS8::Op;

/// Fixed point with two roundings.
inline __m128i rescaled(__m128i x, const BinaryS8::Scale& s) noexcept {
  const __m128i high = high_multiply4(_mm_sll_epi32(x, _mm_cvtsi32_si128(s.left)), _mm_set1_epi32(s.multiplier));
  if (s.right == 0) return high;
  const __m128i shifted = _mm_sra_epi32(_mm_add_epi32(high, _mm_srai_epi32(high, 31)), _mm_cvtsi32_si128(s.right - 1));
  return _mm_srai_epi32(_mm_add_epi32(shifted, _mm_set1_epi32(1)), 1);
}

template <int bits = 20>
inline __m128i scaled(__m128i x, const BinaryS8::Scale& s) noexcept {
  return s.half ? _mm_slli_epi32(x, bits - 1) : rescaled(_mm_slli_epi32(x, bits), s);
}

/// Of the first 4 bytes, whose sign bits are as int8 has them.
inline __m128i four(const BinaryS8& b, __m128i x, __m128i y) noexcept {
  const __m128i first = _mm_sub_epi32(_mm_cvtepi8_epi32(x), _mm_set1_epi32(b.x.zero_point));
  const __m128i second = _mm_sub_epi32(_mm_cvtepi8_epi32(y), _mm_set1_epi32(b.y.zero_point));
  __m128i both;
  switch (b.op) {
    case Op::sum: both = _mm_add_epi32(scaled(first, b.x.scale), scaled(second, b.y.scale)); break;
    case Op::difference: both = _mm_sub_epi32(scaled(first, b.x.scale), scaled(second, b.y.scale)); break;
    case Op::squared_difference:
      both = _mm_sub_epi32(scaled<7>(first, b.x.scale), scaled<7>(second, b.y.scale));
      both = _mm_mullo_epi32(both, both);
      break;
    default: both = _mm_mullo_epi32(first, second);
  }
  const __m128i most = _mm_set1_epi32(b.high - b.result.zero_point), least = _mm_set1_epi32(b.low - b.result.zero_point);
  const __m128i value = _mm_max_epi32(_mm_min_epi32(rescaled(both, b.result.scale), most), least);
  return _mm_add_epi32(value, _mm_set1_epi32(b.result.zero_point));
}

inline __m128i load(const std::uint8_t* p, int step, std::int64_t i, std::int64_t n) noexcept {
  if (step == 0) return _mm_set1_epi8(static_cast<char>(*p));
  if (n >= 8) return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p + i));
  std::uint8_t rest[8] = {};
  __builtin_memcpy(rest, p + i, static_cast<std::size_t>(n));
  return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(rest));
}

}  // namespace

void binary_s8_sse41(const BinaryS8& b, const std::uint8_t* x, int x_step, const std::uint8_t* y, int y_step, std::uint8_t* out,
                     std::int64_t n) noexcept {
  const __m128i flip_x = _mm_set1_epi8(static_cast<char>(b.x.flip)), flip_y = _mm_set1_epi8(static_cast<char>(b.y.flip)),
                flip = _mm_set1_epi8(static_cast<char>(b.result.flip));
  for (std::int64_t i = 0; i < n; i += 8) {
    const __m128i first = _mm_xor_si128(load(x, x_step, i, n - i), flip_x),
                  second = _mm_xor_si128(load(y, y_step, i, n - i), flip_y);
    const __m128i words = _mm_packs_epi32(four(b, first, second), four(b, _mm_srli_si128(first, 4), _mm_srli_si128(second, 4)));
    const __m128i bytes = _mm_xor_si128(_mm_packs_epi16(words, words), flip);
    if (n - i >= 8) {
      _mm_storel_epi64(reinterpret_cast<__m128i*>(out + i), bytes);
      continue;
    }
    std::uint8_t rest[8];
    _mm_storel_epi64(reinterpret_cast<__m128i*>(rest), bytes);
    __builtin_memcpy(out + i, rest, static_cast<std::size_t>(n - i));
  }
}

}  // namespace qgraph::kernels
