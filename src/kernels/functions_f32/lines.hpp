// What the instruction sets share. V has registers of as many floats as doubles. most(a, b) and least(a, b) are b where one is
// not a number; near_half, as bits of lanes, tells which doubles lie close to the middle of two floats; scaled(x, k) is x * 2^k,
// k an integer of -200 to 200; multiply_add may round once or twice;
// power_of_e(x, rest) times e^rest is e^x, and a series of `degree` serves for the latter. Internal linkage only.
#pragma once

#include "kernels/functions_f32/kernels.hpp"

namespace qgraph::kernels {
namespace {

/// Doubles whose last 29 bits are within so much of 2^28 are near the middle of two floats: 2^-8 units in a float's last place.
constexpr std::int32_t middle = 1 << 28, near_middle = 1 << 21;

template <class V>
inline __attribute__((always_inline)) unsigned lanes_between(typename V::Floats x, float low, float high) noexcept {
  return V::bits(V::less(V::all(low), x)) & V::bits(V::less(x, V::all(high)));
}

/// e^x as the C library has it.
template <class V>
inline __attribute__((always_inline)) typename V::Floats library_exp(typename V::Floats x) noexcept {
  using D = typename V::Doubles;
  // Of 1 / n!, as many as the rest of the power's step needs for 37 bits.
  constexpr double taylor[] = {1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0, 1.0};
  D rest;
  const D power = V::power_of_e(V::widened(V::most(V::least(x, V::all(90.0F)), V::all(-110.0F))), rest);
  D y = V::all(taylor[9 - V::degree]);
  for (int i = 10 - V::degree; i < 10; ++i) y = V::multiply_add(y, rest, V::all(taylor[i]));
  const D e = V::multiply(y, power);
  const auto none = V::less(x, V::all(-104.0F));  // below half of the smallest float
  auto result = V::select(none, V::all(0.0F), V::narrowed(e));
  constexpr unsigned every = (1U << V::lanes) - 1;
  unsigned doubt = (V::near_half(e) | (every & ~lanes_between<V>(x, -87.0F, 88.0F))) & ~V::bits(none);
  if (__builtin_expect(doubt != 0, 0)) {
    float from[V::lanes], to[V::lanes];
    V::store(from, x);
    V::store(to, result);
    for (; doubt != 0; doubt &= doubt - 1) {
      const int lane = __builtin_ctz(doubt);
      to[lane] = __builtin_expf(from[lane]);
    }
    result = V::load(to);
  }
  return result;
}

/// x * y + z in double, rounded to float: what ops/support/summation.hpp calls fused.
template <class V>
inline __attribute__((always_inline)) typename V::Floats fused(typename V::Doubles x, typename V::Floats y,
                                                               typename V::Doubles z) noexcept {
  return V::narrowed(V::add(V::multiply(x, V::widened(y)), z));
}
template <class V, int n>
inline __attribute__((always_inline)) typename V::Floats horner(typename V::Doubles x, const float (&c)[n]) noexcept {
  typename V::Floats y = V::all(c[0]);
  for (int i = 1; i < n; ++i) y = fused<V>(x, y, V::all(static_cast<double>(c[i])));
  return y;
}

template <class V>
inline __attribute__((always_inline)) typename V::Floats power_of_e(typename V::Floats x, const float (&series)[7]) noexcept {
  const auto rounder = V::all(12582912.0F), factor = V::all(1.44269504088896341F);
  const auto power = V::subtract(fused<V>(V::widened(x), factor, V::widened(rounder)), rounder);
  const auto exponent = V::widened(power);
  const auto rest =
      fused<V>(exponent, V::all(-1.42860677e-6F), V::widened(fused<V>(exponent, V::all(-6.93145752e-1F), V::widened(x))));
  return V::narrowed(V::scaled(V::widened(horner<V>(V::widened(rest), series)), exponent));
}

/// Where x is a number: value; else x.
template <class V>
inline __attribute__((always_inline)) typename V::Floats of_numbers(typename V::Floats x, typename V::Floats value) noexcept {
  return V::select(V::not_a_number(x), x, value);
}

template <class V>
inline __attribute__((always_inline)) typename V::Floats polynomial_exp(typename V::Floats x) noexcept {
  constexpr float taylor[] = {0x1.694000p-10F, 0x1.125edcp-7F, 0x1.555b5ap-5F, 0x1.555450p-3F, 0x1.fffff6p-2F, 1.0F, 1.0F};
  constexpr float lowest = -103.9720840454F, highest = 88.7762626647950F;
  const auto inside = V::most(V::least(x, V::all(highest)), V::all(lowest));
  return of_numbers<V>(x, V::select(V::less(x, V::all(lowest)), V::all(0.0F), power_of_e<V>(inside, taylor)));
}

template <class V>
inline __attribute__((always_inline)) typename V::Floats polynomial_logistic(typename V::Floats x) noexcept {
  constexpr float above[] = {4.37031012579801e-11F, 1.15627324459942e-07F, 6.08574864600143e-05F, 8.51377133304701e-03F,
                             2.48287947061529e-01F};
  constexpr float below[] = {6.10247389755681e-13F, 5.76102136993427e-09F, 6.29106785017040e-06F,
                             1.70198817374094e-03F, 1.16817656904453e-01F, 9.93151921023180e-01F};
  const auto c = V::most(V::least(x, V::all(18.0F)), V::all(-18.0F));
  const auto square = V::widened(V::multiply(c, c));
  const auto quotient = V::divide(V::multiply(horner<V>(square, above), c), horner<V>(square, below));
  return of_numbers<V>(x, V::most(V::least(V::add(quotient, V::all(0.5F)), V::all(1.0F)), V::all(0.0F)));
}

template <class V>
inline __attribute__((always_inline)) typename V::Floats polynomial_tanh(typename V::Floats x) noexcept {
  constexpr float above[] = {-2.76076847742355e-16F, 2.00018790482477e-13F, -8.60467152213735e-11F, 5.12229709037114e-08F,
                             1.48572235717979e-05F,  6.37261928875436e-04F, 4.89352455891786e-03F};
  constexpr float below[] = {1.19825839466702e-06F, 1.18534705686654e-04F, 2.26843463243900e-03F, 4.89352518554385e-03F};
  const auto c = V::most(V::least(x, V::all(9.0F)), V::all(-9.0F));
  const auto square = V::widened(V::multiply(c, c));
  return of_numbers<V>(x, V::divide(V::multiply(horner<V>(square, above), c), horner<V>(square, below)));
}

template <class V>
inline __attribute__((always_inline)) typename V::Floats polynomial_erf(typename V::Floats x) noexcept {
  constexpr float near[] = {-5.99104969e-4F, 4.99339588e-3F, -2.67667342e-2F, 1.12818025e-1F, -3.76124859e-1F, 1.28379151e-1F};
  constexpr float far[] = {1.72948930e-5F, -3.83208680e-4F, 3.88393435e-3F, -2.42545605e-2F,
                           1.06777847e-1F, 6.34846687e-1F,  1.28717512e-1F};
  constexpr float taylor[] = {1.38319808e-3F, 8.37550033e-3F, 4.16689515e-2F, 1.66664466e-1F, 4.99999851e-1F, 1.0F, 1.0F};
  const auto size = V::least(V::magnitude(x), V::all(3.925F));
  const auto wide = V::widened(size);
  const auto inner = fused<V>(wide, horner<V>(V::widened(V::multiply(size, size)), near), wide);
  const auto power = power_of_e<V>(V::negative(fused<V>(wide, horner<V>(wide, far), wide)), taylor);
  const auto value = V::select(V::less(V::all(0.921875F), size), V::subtract(V::all(1.0F), power), inner);
  return of_numbers<V>(x, V::with_sign(value, x));
}

/// out = f(in), element by element.
template <class V, class F>
inline __attribute__((always_inline)) void each(const float* in, float* out, std::int64_t n, const F& f) noexcept {
  std::int64_t i = 0;
  for (; i + V::lanes <= n; i += V::lanes) V::store(out + i, f(V::load(in + i)));
  if (i == n) return;
  float part[V::lanes] = {};
  const auto bytes = static_cast<std::size_t>(n - i) * sizeof(float);
  __builtin_memcpy(part, in + i, bytes);
  V::store(part, f(V::load(part)));
  __builtin_memcpy(out + i, part, bytes);
}

template <class V>
void logistic(const float* in, float* out, std::int64_t n) noexcept {
  each<V>(
      in, out, n, [](typename V::Floats x) __attribute__((always_inline)) {
        const auto one = V::all(1.0F);
        const auto low = V::less(x, V::all(-9.0F)), high = V::less(V::all(16.619047164916992188F), x);
        const auto e = library_exp<V>(V::select(low, x, V::select(high, V::all(0.0F), V::negative(x))));
        return V::select(low, e, V::select(high, one, V::divide(one, V::add(one, e))));
      });
}
template <class V>
void logistic_polynomial(const float* in, float* out, std::int64_t n) noexcept {
  each<V>(
      in, out, n, [](typename V::Floats x) __attribute__((always_inline)) { return polynomial_logistic<V>(x); });
}
template <class V>
void tanh_polynomial(const float* in, float* out, std::int64_t n) noexcept {
  each<V>(
      in, out, n, [](typename V::Floats x) __attribute__((always_inline)) { return polynomial_tanh<V>(x); });
}
template <class V>
void erf_polynomial(const float* in, float* out, std::int64_t n) noexcept {
  each<V>(
      in, out, n, [](typename V::Floats x) __attribute__((always_inline)) { return polynomial_erf<V>(x); });
}

/// The largest of a row; what is not a number counts for nothing.
template <class V>
inline __attribute__((always_inline)) float largest(const float* in, std::int64_t n) noexcept {
  float most[V::lanes];
  auto all = V::all(-3.402823466e+38F);
  std::int64_t i = 0;
  for (; i + V::lanes <= n; i += V::lanes) all = V::most(V::load(in + i), all);
  V::store(most, all);
  for (; i < n; ++i) most[0] = most[0] < in[i] ? in[i] : most[0];
  for (int lane = 1; lane < V::lanes; ++lane) most[0] = most[0] < most[lane] ? most[lane] : most[0];
  return most[0];
}

/// Sums go in order: those of several rows at a time hide how long each addition takes.
template <class V>
void softmax(const SoftmaxRows& all, const float* in, float* out) noexcept {
  constexpr int together = 8;
  const std::int64_t depth = all.depth;
  for (std::int64_t row = 0; row < all.rows; row += together, in += together * depth, out += together * depth) {
    const int rows = all.rows - row < together ? static_cast<int>(all.rows - row) : together;
    for (int r = 0; r < rows; ++r) {
      const auto most = V::all(largest<V>(in + r * depth, depth)), beta = V::all(all.beta);
      each<V>(
          in + r * depth, out + r * depth, depth, [&](typename V::Floats x) __attribute__((always_inline)) {
            return library_exp<V>(V::multiply(V::subtract(x, most), beta));
          });
    }
    float sums[together] = {};
    if (rows == together) {
      float s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
      const float* e = out;
      for (std::int64_t c = 0; c < depth; ++c, ++e) {
        s0 += e[0];
        s1 += e[depth];
        s2 += e[2 * depth];
        s3 += e[3 * depth];
        s4 += e[4 * depth];
        s5 += e[5 * depth];
        s6 += e[6 * depth];
        s7 += e[7 * depth];
      }
      const float of_rows[together] = {s0, s1, s2, s3, s4, s5, s6, s7};
      __builtin_memcpy(sums, of_rows, sizeof(sums));
    } else {
      for (int r = 0; r < rows; ++r)
        for (std::int64_t c = 0; c < depth; ++c) sums[r] += out[r * depth + c];
    }
    for (int r = 0; r < rows; ++r) {
      const auto sum = V::all(sums[r]);
      each<V>(
          out + r * depth, out + r * depth,
          depth, [&](typename V::Floats e) __attribute__((always_inline)) { return V::divide(e, sum); });
    }
  }
}

/// Sums in sixteen lanes, which are then added in pairs.
template <class V>
void softmax_polynomial(const SoftmaxRows& all, const float* in, float* out) noexcept {
  constexpr int lanes = 16, parts = lanes / V::lanes;
  for (std::int64_t row = 0; row < all.rows; ++row, in += all.depth, out += all.depth) {
    const auto most = V::all(largest<V>(in, all.depth));
    each<V>(
        in, out,
        all.depth, [&](typename V::Floats x) __attribute__((always_inline)) { return polynomial_exp<V>(V::subtract(x, most)); });
    typename V::Floats sums[parts];
    for (auto& s : sums) s = V::all(0.0F);
    std::int64_t c = 0;
    for (; c + lanes <= all.depth; c += lanes)
      for (int p = 0; p < parts; ++p) sums[p] = V::add(sums[p], V::load(out + c + p * V::lanes));
    float sum[lanes];
    for (int p = 0; p < parts; ++p) V::store(sum + p * V::lanes, sums[p]);
    for (int lane = 0; c < all.depth; ++c, ++lane) sum[lane] += out[c];
    for (int i = 0; i < 8; ++i) sum[i] += sum[i + 8];
    for (int width = 4; width > 0; width /= 2)
      for (int i = 0; i < width; ++i) sum[i] = sum[2 * i] + sum[2 * i + 1];
    const auto inverse = V::all(1.0F / sum[0]);
    each<V>(
        out, out, all.depth, [&](typename V::Floats e) __attribute__((always_inline)) { return V::multiply(e, inverse); });
  }
}

/// For registers of two doubles, which are no faster than expf one by one.
template <class V>
constexpr FunctionsF32Kernel polynomials_of(const char* name, Cpu needs) noexcept {
  return {.name = name,
          .needs = needs,
          .softmax_polynomial = softmax_polynomial<V>,
          .logistic_polynomial = logistic_polynomial<V>,
          .tanh_polynomial = tanh_polynomial<V>,
          .erf_polynomial = erf_polynomial<V>};
}
template <class V>
constexpr FunctionsF32Kernel functions_of(const char* name, Cpu needs) noexcept {
  FunctionsF32Kernel kernel = polynomials_of<V>(name, needs);
  kernel.softmax = softmax<V>;
  kernel.logistic = logistic<V>;
  return kernel;
}

}  // namespace
}  // namespace qgraph::kernels
