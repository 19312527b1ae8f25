// 16 elements at a time; 64 where sums are as those of residual blocks are. Intrinsics and internal linkage only.
#include "kernels/binary_s8/kernels.hpp"
#include "kernels/blocks.hpp"
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
  const __m128i flip_x = _mm_set1_epi8(static_cast<char>(b.x.flip)), flip_y = _mm_set1_epi8(static_cast<char>(b.y.flip)),
                flip = _mm_set1_epi8(static_cast<char>(b.result.flip));
  const __m128i low = _mm_set1_epi8(static_cast<char>(b.low)), high = _mm_set1_epi8(static_cast<char>(b.high));
  const __m512i zero_x = _mm512_set1_epi32(b.x.zero_point), zero_y = _mm512_set1_epi32(b.y.zero_point),
                zero = _mm512_set1_epi32(b.result.zero_point);
  const __m512i least = _mm512_set1_epi32(b.low - b.result.zero_point), most = _mm512_set1_epi32(b.high - b.result.zero_point);
  const Rescale rescale_x(b.x.scale), rescale_y(b.y.scale), rescale(b.result.scale);
  const auto load =
      [](const std::uint8_t* p, int step, std::int64_t i, __mmask16 mask, __m128i sign) __attribute__((always_inline)) {
    const __m128i bytes = step == 0        ? _mm_set1_epi8(static_cast<char>(*p))
                          : mask == 0xFFFF ? _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i))
                                           : _mm_maskz_loadu_epi8(mask, p + i);
    return _mm512_cvtepi8_epi32(_mm_xor_si128(bytes, sign));
  };
  for (std::int64_t i = 0; i < n; i += 16) {
    const std::int64_t left = n - i;
    const auto mask = static_cast<__mmask16>(left >= 16 ? 0xFFFF : (1U << left) - 1);
    const __m512i a = _mm512_sub_epi32(load(x, x_step, i, mask, flip_x), zero_x),
                  c = _mm512_sub_epi32(load(y, y_step, i, mask, flip_y), zero_y);
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

/// Sums and differences a + b, a - b or b - a where b's multiplier is a half, and products with a's are of few bits:
///   a's:   (d << 20) * m, rounded to its high half, is (d * m + 2^10) >> 11 = ((d * mh) << 5) + ((d * ml + 2^10) >> 11), m =
///   2^16 mh + ml shift: half away from zero is half up, less 1 before for what is below zero; m is 2^30 or more, so that d's
///   sign is the product's sum:   the same by products of 64 bits; b's zero point, rounding and the result's zero point are in
///   what is added to them
/// v below zero: its product with m, rounded, might be 0 still; what is taken off it then changes nothing, shifted by 1 or more.
struct Sum {
  enum class Kind : std::uint8_t { a_and_b, a_less_b, b_less_a };
  __m512i low_multiplier, low_addend, high_multiplier, high_addend, zero_a, shift_a;
  __mmask16 shifts;
  __m512i negative, multiplier, odd_multiplier, addend, shift;

  /// False: it is another sum. Operands are read as they lie.
  bool prepare(const BinaryS8::Operand& a, const BinaryS8::Operand& b, const BinaryS8::Operand& result, Kind kind) noexcept {
    const std::int32_t m = a.scale.multiplier, r = a.scale.right, q = result.scale.right;
    const auto ml = static_cast<std::int16_t>(m & 0xFFFF);
    const std::int32_t mh = (m >> 16) + (ml < 0 ? 1 : 0), zero = a.zero_point + a.flip;
    if (!b.scale.half || a.scale.left != 0 || m < 1 << 30 || mh > 32767 || r > 19) return false;
    if (result.scale.left != 0 || result.scale.multiplier < 1 << 30 || q < 1 || q > 22) return false;
    low_multiplier = _mm512_set1_epi32(static_cast<std::uint16_t>(ml));
    low_addend = _mm512_set1_epi32((1 << 10) - zero * ml + (r > 0 ? 1 << (r + 10) : 0));
    high_multiplier = _mm512_set1_epi32(mh);
    high_addend = _mm512_set1_epi32(-zero * mh);
    zero_a = _mm512_set1_epi32(zero);
    shift_a = _mm512_set1_epi32(r);
    shifts = r > 0 ? 0xFFFF : 0;
    // v is kept without b's zero point.
    const std::int32_t zero_b = (b.zero_point + b.flip) * (1 << 19), kept = kind == Kind::a_less_b ? zero_b : -zero_b;
    negative = _mm512_set1_epi32(-kept);
    multiplier = _mm512_set1_epi32(result.scale.multiplier);
    odd_multiplier = _mm512_srli_epi64(multiplier, 32);
    const std::int64_t rounding = (std::int64_t{1} << (q - 1)) + std::int64_t{result.zero_point} * (std::int64_t{1} << q);
    addend = _mm512_set1_epi64(std::int64_t{2} * kept * result.scale.multiplier + (std::int64_t{1} << 31) +
                               rounding * (std::int64_t{1} << 32));
    shift = _mm512_set1_epi32(q);
    return true;
  }
  template <Kind kind>
  __attribute__((always_inline)) __m512i operator()(__m512i a, __m512i b) const noexcept {
    const __m512i one = _mm512_set1_epi32(1);
    const __m512i low = _mm512_dpwssd_epi32(low_addend, a, low_multiplier),
                  high = _mm512_dpwssd_epi32(high_addend, a, high_multiplier);
    const __m512i product = _mm512_add_epi32(_mm512_slli_epi32(high, 5), _mm512_srai_epi32(low, 11));
    const __mmask16 below_a = _mm512_mask_cmpgt_epi32_mask(shifts, zero_a, a);
    const __m512i scaled = _mm512_srav_epi32(_mm512_mask_sub_epi32(product, below_a, product, one), shift_a);
    const __m512i half = _mm512_slli_epi32(b, 19);
    const __m512i v = kind == Kind::a_and_b    ? _mm512_add_epi32(scaled, half)
                      : kind == Kind::a_less_b ? _mm512_sub_epi32(scaled, half)
                                               : _mm512_sub_epi32(half, scaled);
    const __mmask16 below = _mm512_cmpgt_epi32_mask(negative, v);
    const __m512i twice = _mm512_add_epi32(v, v);
    const __m512i even = _mm512_add_epi64(_mm512_mul_epi32(twice, multiplier), addend);
    const __m512i odd = _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(twice, 32), odd_multiplier), addend);
    const __m512i rounded = high_halves(even, odd);
    return _mm512_srav_epi32(_mm512_mask_sub_epi32(rounded, below, rounded, one), shift);
  }
};

template <Sum::Kind kind, bool unsigned_a, bool unsigned_b>
void run_sum(const BinaryS8& s, const Sum& sum, const std::uint8_t* a, const std::uint8_t* b, std::uint8_t* out,
             std::int64_t n) noexcept {
  const __m512i low = _mm512_set1_epi8(static_cast<char>(s.low)), high = _mm512_set1_epi8(static_cast<char>(s.high));
  const __m512i flip = _mm512_set1_epi8(static_cast<char>(s.result.flip));
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  const auto load = [](const std::uint8_t* p, bool is_unsigned) __attribute__((always_inline)) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    return is_unsigned ? _mm512_cvtepu8_epi32(bytes) : _mm512_cvtepi8_epi32(bytes);
  };
  each_block<64>(
      n, [&](std::int64_t i, std::int64_t) __attribute__((always_inline)) {
        __m512i sums[4];
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k)
          sums[k] = sum.template operator()<kind>(load(a + i + 16 * k, unsigned_a), load(b + i + 16 * k, unsigned_b));
        const __m512i bytes = _mm512_packs_epi16(_mm512_packs_epi32(sums[0], sums[1]), _mm512_packs_epi32(sums[2], sums[3]));
        const __m512i clamped = _mm512_xor_si512(_mm512_max_epi8(_mm512_min_epi8(bytes, high), low), flip);
        _mm512_storeu_si512(out + i, _mm512_permutexvar_epi32(order, clamped));
      });
}

/// As a + b of these operands, or a - b, or b - a. False: it is another sum.
template <Sum::Kind kind>
bool ran_as(const BinaryS8& s, const BinaryS8::Operand& a, const std::uint8_t* from_a, const BinaryS8::Operand& b,
            const std::uint8_t* from_b, std::uint8_t* out, std::int64_t n) noexcept {
  Sum sum;
  if (!sum.prepare(a, b, s.result, kind)) return false;
  if (a.flip != 0)
    (b.flip != 0 ? run_sum<kind, true, true> : run_sum<kind, true, false>)(s, sum, from_a, from_b, out, n);
  else
    (b.flip != 0 ? run_sum<kind, false, true> : run_sum<kind, false, false>)(s, sum, from_a, from_b, out, n);
  return true;
}

/// False: it is another sum, or there are too few elements.
bool ran_as_sum(const BinaryS8& s, const std::uint8_t* x, int x_step, const std::uint8_t* y, int y_step, std::uint8_t* out,
                std::int64_t n) noexcept {
  if (n < 64 || x_step != 1 || y_step != 1) return false;
  if (s.op == Op::sum)
    return ran_as<Sum::Kind::a_and_b>(s, s.x, x, s.y, y, out, n) || ran_as<Sum::Kind::a_and_b>(s, s.y, y, s.x, x, out, n);
  return s.op == Op::difference &&
         (ran_as<Sum::Kind::a_less_b>(s, s.x, x, s.y, y, out, n) || ran_as<Sum::Kind::b_less_a>(s, s.y, y, s.x, x, out, n));
}

using Run = void (*)(const BinaryS8&, const std::uint8_t*, int, const std::uint8_t*, int, std::uint8_t*, std::int64_t) noexcept;
template <Op op>
constexpr Run with_halves[2][2] = {{run<op, false, false>, run<op, false, true>}, {run<op, true, false>, run<op, true, true>}};

}  // namespace

void binary_s8_avx512_vnni(const BinaryS8& b, const std::uint8_t* x, int x_step, const std::uint8_t* y, int y_step,
                           std::uint8_t* out, std::int64_t n) noexcept {
  if (ran_as_sum(b, x, x_step, y, y_step, out, n)) return;
  const bool first = b.x.scale.half, second = b.y.scale.half;
  switch (b.op) {
    case Op::sum: return with_halves<Op::sum>[first][second](b, x, x_step, y, y_step, out, n);
    case Op::difference: return with_halves<Op::difference>[first][second](b, x, x_step, y, y_step, out, n);
    case Op::squared_difference: return with_halves<Op::squared_difference>[first][second](b, x, x_step, y, y_step, out, n);
    case Op::product: return run<Op::product, false, false>(b, x, x_step, y, y_step, out, n);
  }
}

}  // namespace qgraph::kernels
