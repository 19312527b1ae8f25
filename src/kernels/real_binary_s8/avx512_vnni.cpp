// 16 elements at a time. Intrinsics and internal linkage only.
#include <immintrin.h>

#include "kernels/real_binary_s8/kernels.hpp"

namespace qgraph::kernels {
namespace {

using Op = RealBinaryS8::Op;

template <Op op>
void run(const RealBinaryS8& b, const std::uint8_t* x, int x_step, const std::uint8_t* y, int y_step, std::uint8_t* out,
         std::int64_t n) noexcept {
  // int8 is read and written as uint8 with another zero point.
  const int offset = b.is_signed ? 128 : 0;
  const __m128i flip = _mm_set1_epi8(static_cast<char>(offset));
  const __m512i zero_x = _mm512_set1_epi32(b.zero_x + offset), zero_y = _mm512_set1_epi32(b.zero_y + offset),
                zero_out = _mm512_set1_epi32(b.zero_out + offset);
  const __m512 scale_x = _mm512_set1_ps(b.scale_x), scale_y = _mm512_set1_ps(b.scale_y), scale = _mm512_set1_ps(b.scale),
               shift = _mm512_set1_ps(b.shift);
  const __m512 low = _mm512_set1_ps(static_cast<float>(b.low)), high = _mm512_set1_ps(static_cast<float>(b.high));
  const auto load = [flip](const std::uint8_t* p, int step, std::int64_t i, __mmask16 mask, __m512i zero)
      __attribute__((always_inline)) {
    const __m128i bytes = step == 0        ? _mm_set1_epi8(static_cast<char>(*p))
                          : mask == 0xFFFF ? _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i))
                                           : _mm_maskz_loadu_epi8(mask, p + i);
    return _mm512_cvtepi32_ps(_mm512_sub_epi32(_mm512_cvtepu8_epi32(_mm_xor_si128(bytes, flip)), zero));
  };
  for (std::int64_t i = 0; i < n; i += 16) {
    const std::int64_t left = n - i;
    const auto mask = static_cast<__mmask16>(left >= 16 ? 0xFFFF : (1U << left) - 1);
    const __m512 a = load(x, x_step, i, mask, zero_x), c = load(y, y_step, i, mask, zero_y);
    __m512 r;
    if (op == Op::fused_sum) {
      r = _mm512_fmadd_ps(a, scale_x, _mm512_fmadd_ps(c, scale_y, shift));
    } else if (op == Op::scaled_product) {
      r = _mm512_add_ps(_mm512_mul_ps(_mm512_mul_ps(a, c), scale), shift);
    } else {
      const __m512 real_x = _mm512_mul_ps(a, scale_x), real_y = _mm512_mul_ps(c, scale_y);
      r = op == Op::sum          ? _mm512_add_ps(real_x, real_y)
          : op == Op::difference ? _mm512_sub_ps(real_x, real_y)
          : op == Op::product    ? _mm512_mul_ps(real_x, real_y)
          : op == Op::quotient   ? _mm512_div_ps(real_x, real_y)
          : op == Op::maximum    ? _mm512_max_ps(real_x, real_y)
                                 : _mm512_min_ps(real_x, real_y);
      r = _mm512_div_ps(r, scale);
    }
    r = _mm512_min_ps(_mm512_max_ps(r, low), high);  // limits are integers: clamping first changes nothing
    const __m512i whole = _mm512_cvt_roundps_epi32(r, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    const __m128i bytes = _mm_xor_si128(_mm512_cvtepi32_epi8(_mm512_add_epi32(whole, zero_out)), flip);
    if (left >= 16)
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), bytes);
    else
      _mm_mask_storeu_epi8(out + i, mask, bytes);
  }
}

}  // namespace

void real_binary_s8_avx512_vnni(const RealBinaryS8& b, const std::uint8_t* x, int x_step, const std::uint8_t* y, int y_step,
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
