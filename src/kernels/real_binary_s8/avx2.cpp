// 8 elements at a time. Intrinsics and internal linkage only.
#include <immintrin.h>

#include "kernels/real_binary_s8/kernels.hpp"

namespace qgraph::kernels {
namespace {

using Op = RealBinaryS8::Op;

/// a * b + c, rounded once: the product is exact in double.
inline __m256 multiply_add(__m256 a, __m256 b, __m256 c) noexcept {
  const auto half = [](__m128 p, __m128 q, __m128 r) {
    return _mm256_cvtpd_ps(_mm256_add_pd(_mm256_mul_pd(_mm256_cvtps_pd(p), _mm256_cvtps_pd(q)), _mm256_cvtps_pd(r)));
  };
  const __m128 low = half(_mm256_castps256_ps128(a), _mm256_castps256_ps128(b), _mm256_castps256_ps128(c));
  const __m128 high = half(_mm256_extractf128_ps(a, 1), _mm256_extractf128_ps(b, 1), _mm256_extractf128_ps(c, 1));
  return _mm256_set_m128(high, low);
}

/// 8 bytes from x and from y to 8 results.
template <Op op>
inline __m128i eight(const RealBinaryS8& b, __m128i x, __m128i y) noexcept {
  // int8 is read and written as uint8 with another zero point.
  const int offset = b.is_signed ? 128 : 0;
  const __m128i flip = _mm_set1_epi8(static_cast<char>(offset));
  const auto real = [&](__m128i bytes, std::int32_t zero) {
    return _mm256_cvtepi32_ps(
        _mm256_sub_epi32(_mm256_cvtepu8_epi32(_mm_xor_si128(bytes, flip)), _mm256_set1_epi32(zero + offset)));
  };
  const __m256 a = real(x, b.zero_x), c = real(y, b.zero_y);
  const __m256 scale_x = _mm256_set1_ps(b.scale_x), scale_y = _mm256_set1_ps(b.scale_y), scale = _mm256_set1_ps(b.scale),
               shift = _mm256_set1_ps(b.shift);
  __m256 r;
  if (op == Op::fused_sum) {
    r = multiply_add(a, scale_x, multiply_add(c, scale_y, shift));
  } else if (op == Op::scaled_product) {
    r = _mm256_add_ps(_mm256_mul_ps(_mm256_mul_ps(a, c), scale), shift);
  } else {
    const __m256 real_x = _mm256_mul_ps(a, scale_x), real_y = _mm256_mul_ps(c, scale_y);
    r = op == Op::sum          ? _mm256_add_ps(real_x, real_y)
        : op == Op::difference ? _mm256_sub_ps(real_x, real_y)
        : op == Op::product    ? _mm256_mul_ps(real_x, real_y)
        : op == Op::quotient   ? _mm256_div_ps(real_x, real_y)
        : op == Op::maximum    ? _mm256_max_ps(real_x, real_y)
                               : _mm256_min_ps(real_x, real_y);
    r = _mm256_div_ps(r, scale);
  }
  const __m256 low = _mm256_set1_ps(static_cast<float>(b.low)), high = _mm256_set1_ps(static_cast<float>(b.high));
  r = _mm256_min_ps(_mm256_max_ps(r, low), high);  // limits are integers: clamping first changes nothing
  r = _mm256_round_ps(r, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  const __m256i stored = _mm256_add_epi32(_mm256_cvttps_epi32(r), _mm256_set1_epi32(b.zero_out + offset));
  const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(stored), _mm256_extracti128_si256(stored, 1));
  return _mm_xor_si128(_mm_packus_epi16(words, words), flip);
}

template <Op op>
void run(const RealBinaryS8& b, const std::uint8_t* x, int x_step, const std::uint8_t* y, int y_step, std::uint8_t* out,
         std::int64_t n) noexcept {
  const auto load = [](const std::uint8_t* p, int step, std::int64_t i, std::int64_t count) {
    if (step == 0) return _mm_set1_epi8(static_cast<char>(*p));
    if (count >= 8) return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p + i));
    std::uint8_t rest[8] = {};
    __builtin_memcpy(rest, p + i, static_cast<std::size_t>(count));
    return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(rest));
  };
  for (std::int64_t i = 0; i < n; i += 8) {
    const __m128i results = eight<op>(b, load(x, x_step, i, n - i), load(y, y_step, i, n - i));
    if (n - i >= 8) {
      _mm_storel_epi64(reinterpret_cast<__m128i*>(out + i), results);
    } else {
      std::uint8_t rest[8];
      _mm_storel_epi64(reinterpret_cast<__m128i*>(rest), results);
      __builtin_memcpy(out + i, rest, static_cast<std::size_t>(n - i));
    }
  }
}

}  // namespace

void real_binary_s8_avx2(const RealBinaryS8& b, const std::uint8_t* x, int x_step, const std::uint8_t* y, int y_step,
                         std::uint8_t* out, std::int64_t n) noexcept {
  switch (b.op) {
    case Op::fused_sum: return run<Op::fused_sum>(b, x, x_step, y, y_step, out, n);
    case Op::scaled_product: return run<Op::scaled_product>(b, x, x_step, y, y_step, out, n);
    case Op::sum: return run<Op::sum>(b, x, x_step, y, y_step, out, n);
    case Op::difference: return run<Op::difference>(b, x, x_step, y, y_step, out, n);
    case Op::product: return run<Op::product>(b, x, x_step, y, y_step, out, n);
    case Op::quotient: return run<Op::quotient>(b, x, x_step, y, y_step, out, n);
    case Op::maximum: return run<Op::maximum>(b, x, x_step, y, y_step, out, n);
    case Op::minimum: return run<Op::minimum>(b, x, x_step, y, y_step, out, n);
  }
}

}  // namespace qgraph::kernels
