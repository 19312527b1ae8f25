// The Fourier transform of 2^k points in double precision, of several lines at once: Lane is a double, or a vector of
// doubles that belong to different lines. The order of operations is the same for all of them. No library code: kernels
// include this.
#pragma once

#include <cstddef>
#include <cstdint>

namespace qgraph {

/// Of a transform of n complex points.
struct FourierTables {
  std::size_t n = 1;
  const std::uint32_t* reversed = nullptr;  ///< position k of the input stands at reversed[k]
  const double* turns = nullptr;            ///< cosine and sine of -2 pi k / n, pairs, k < n
};
/// Of a transform of 2 * half.n reals, computed as one of half.n complex points.
struct RealFourierTables {
  FourierTables half{};
  const double* turns = nullptr;  ///< cosine and sine of -pi k / half.n, pairs, k <= half.n
};

template <class Lane>
struct ComplexLane {
  Lane re, im;
  friend ComplexLane operator+(ComplexLane a, ComplexLane b) noexcept { return {a.re + b.re, a.im + b.im}; }
  friend ComplexLane operator-(ComplexLane a, ComplexLane b) noexcept { return {a.re - b.re, a.im - b.im}; }
  ComplexLane turned(const double* turn) const noexcept { return {re * turn[0] - im * turn[1], re * turn[1] + im * turn[0]}; }
};

/// In place; the input stands in reversed order. Steps of radix 4, one of radix 2 where the exponent is odd.
template <class Lane>
void fourier(ComplexLane<Lane>* x, const FourierTables& tables) noexcept {
  using C = ComplexLane<Lane>;
  const std::size_t n = tables.n;
  std::size_t done = 1;
  const auto cross = [](C* at, std::size_t step, C a, C c, C b, C d) {
    const C even = a + b, odd = a - b, sum = c + d, difference = c - d;
    at[0] = even + sum;
    at[step] = {odd.re + difference.im, odd.im - difference.re};
    at[2 * step] = even - sum;
    at[3 * step] = {odd.re - difference.im, odd.im + difference.re};
  };
  std::size_t exponent = 0;
  while ((std::size_t{1} << exponent) < n) ++exponent;
  if (exponent % 2 == 1) {
    for (std::size_t i = 0; i < n; i += 2) {
      const C a = x[i], b = x[i + 1];
      x[i] = a + b;
      x[i + 1] = a - b;
    }
    done = 2;
  } else if (n >= 4) {
    for (std::size_t i = 0; i < n; i += 4) cross(x + i, 1, x[i], x[i + 2], x[i + 1], x[i + 3]);
    done = 4;
  }
  // Blocks stand in reversed order: residues 0, 2, 1, 3.
  for (; done < n; done *= 4) {
    const double* turns = tables.turns;
    const std::size_t step = n / (4 * done);
    for (std::size_t k = 0; k < done; ++k) {
      const double *one = turns + 2 * k * step, *two = turns + 4 * k * step, *three = turns + 6 * k * step;
      for (std::size_t start = k; start < n; start += 4 * done) {
        C* at = x + start;
        cross(at, done, at[0], at[2 * done].turned(one), at[done].turned(two), at[3 * done].turned(three));
      }
    }
  }
}

/// `x`: the transform of n / 2 points, which are pairs of reals. point(k, value) for the n / 2 + 1 points of the reals'
/// transform.
template <class Lane, class Point>
void unfold(const ComplexLane<Lane>* x, const RealFourierTables& tables, const Point& point) noexcept {
  using C = ComplexLane<Lane>;
  const std::size_t n = tables.half.n;
  for (std::size_t k = 0; k <= n; ++k) {
    const C a = x[k == n ? 0 : k], b = x[k == 0 ? 0 : n - k];
    const C even{(a.re + b.re) * 0.5, (a.im - b.im) * 0.5}, odd{(a.im + b.im) * 0.5, (b.re - a.re) * 0.5};
    point(k, even + odd.turned(tables.turns + 2 * k));
  }
}

}  // namespace qgraph
