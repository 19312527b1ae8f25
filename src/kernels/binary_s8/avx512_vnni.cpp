// 16 elements at a time. Intrinsics and internal linkage only.
#include "kernels/binary_s8/kernels.hpp"
#include "kernels/requantize_avx512.hpp"

namespace qgraph::kernels {
namespace {

using Op = BinaryS8::Op;

/// Fixed point with two roundings.
struct Rescale {
  __m512i multiplier, left, shift, shifted, sign;
  explicit Rescale(const BinaryS8::Scale& s) noexcept
      : multiplier(_mm512_set1_epi32(s.multiplier)),
        left(_mm512_set1_epi32(s.left)),
        shift(_mm512_set1_epi32(s.right > 0 ? s.right - 1 : 0)),
        shifted(_mm512_set1_epi32(s.right > 0 ? 1 : 0)),
        sign(_mm512_set1_epi32(s.right > 0 ? -1 : 0)) {}
  template <bool left_shifts = false>
  __attribute__((always_inline)) __m512i apply(__m512i x) const noexcept {
    const __m512i high = high_multiply16(left_shifts ? _mm512_sllv_epi32(x, left) : x, multiplier);
    const __m512i below = _mm512_and_si512(_mm512_srai_epi32(high, 31), sign);
    return _mm512_srav_epi32(_mm512_add_epi32(_mm512_srav_epi32(_mm512_add_epi32(high, below), shift), shifted), shifted);
  }
};

template <Op op, bool x_halves, bool y_halves>
void run(const BinaryS8& b, const std::uint8_t* x, int x_step, const std::uint8_t* y, int y_step, std::uint8_t* out,
         std::int64_t n) noexcept {
  const __m128i flip = _mm_set1_epi8(static_cast<char>(b.flip));
  const __m128i low = _mm_set1_epi8(static_cast<char>(b.low)), high = _mm_set1_epi8(static_cast<char>(b.high));
  const __m512i zero_x = _mm512_set1_epi32(b.x.zero_point), zero_y = _mm512_set1_epi32(b.y.zero_point),
                zero = _mm512_set1_epi32(b.result.zero_point);
  const __m512i least = _mm512_set1_epi32(b.low - b.result.zero_point), most = _mm512_set1_epi32(b.high - b.result.zero_point);
  const Rescale rescale_x(b.x.scale), rescale_y(b.y.scale), rescale(b.result.scale);
  const auto load = [flip](const std::uint8_t* p, int step, std::int64_t i, __mmask16 mask) __attribute__((always_inline)) {
    const __m128i bytes = step == 0        ? _mm_set1_epi8(static_cast<char>(*p))
                          : mask == 0xFFFF ? _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i))
                                           : _mm_maskz_loadu_epi8(mask, p + i);
    return _mm512_cvtepi8_epi32(_mm_xor_si128(bytes, flip));
  };
  for (std::int64_t i = 0; i < n; i += 16) {
    const std::int64_t left = n - i;
    const auto mask = static_cast<__mmask16>(left >= 16 ? 0xFFFF : (1U << left) - 1);
    const __m512i a = _mm512_sub_epi32(load(x, x_step, i, mask), zero_x), c = _mm512_sub_epi32(load(y, y_step, i, mask), zero_y);
    __m512i both;
    if (op == Op::product) {
      both = _mm512_mullo_epi32(a, c);
    } else {
      constexpr unsigned bits = op == Op::squared_difference ? 7 : 20;
      const __m512i scaled_x = x_halves ? _mm512_slli_epi32(a, bits - 1) : rescale_x.apply(_mm512_slli_epi32(a, bits));
      const __m512i scaled_y = y_halves ? _mm512_slli_epi32(c, bits - 1) : rescale_y.apply(_mm512_slli_epi32(c, bits));
      both = op == Op::sum ? _mm512_add_epi32(scaled_x, scaled_y) : _mm512_sub_epi32(scaled_x, scaled_y);
      if (op == Op::squared_difference) both = _mm512_mullo_epi32(both, both);
    }
    constexpr bool left_shifts = op == Op::product || op == Op::squared_difference;
    const __m512i value =
        _mm512_add_epi32(_mm512_max_epi32(_mm512_min_epi32(rescale.template apply<left_shifts>(both), most), least), zero);
    const __m128i bytes = _mm_xor_si128(_mm_max_epi8(_mm_min_epi8(_mm512_cvtsepi32_epi8(value), high), low), flip);
    if (left >= 16)
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), bytes);
    else
      _mm_mask_storeu_epi8(out + i, mask, bytes);
  }
}

using Run = void (*)(const BinaryS8&, const std::uint8_t*, int, const std::uint8_t*, int, std::uint8_t*, std::int64_t) noexcept;
template <Op op>
constexpr Run with_halves[2][2] = {{run<op, false, false>, run<op, false, true>}, {run<op, true, false>, run<op, true, true>}};

}  // namespace

void binary_s8_avx512_vnni(const BinaryS8& b, const std::uint8_t* x, int x_step, const std::uint8_t* y, int y_step,
                           std::uint8_t* out, std::int64_t n) noexcept {
  const bool first = b.x.scale.half, second = b.y.scale.half;
  switch (b.op) {
    case Op::sum: return with_halves<Op::sum>[first][second](b, x, x_step, y, y_step, out, n);
    case Op::difference: return with_halves<Op::difference>[first][second](b, x, x_step, y, y_step, out, n);
    case Op::squared_difference: return with_halves<Op::squared_difference>[first][second](b, x, x_step, y, y_step, out, n);
    case Op::product: return run<Op::product, false, false>(b, x, x_step, y, y_step, out, n);
  }
}

}  // namespace qgraph::kernels
