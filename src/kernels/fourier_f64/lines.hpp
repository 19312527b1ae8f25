// What the instruction sets share: a vector holds the same point of several lines. Internal linkage only.
#pragma once

#include "kernels/fourier_f64/kernels.hpp"

namespace qgraph::kernels {
namespace {

template <int lanes>
struct Vector {
  typedef double Values __attribute__((vector_size(lanes * sizeof(double))));
  Values v;
  friend Vector operator+(Vector a, Vector b) noexcept { return {a.v + b.v}; }
  friend Vector operator-(Vector a, Vector b) noexcept { return {a.v - b.v}; }
  friend Vector operator*(Vector a, double b) noexcept { return {a.v * b}; }
};

template <int lanes>
void run_lines(const FourierLines& l, std::byte* work) noexcept {
  using Lane = Vector<lanes>;
  auto* x = reinterpret_cast<ComplexLane<Lane>*>(work);
  const auto n = static_cast<std::int64_t>(l.tables.half.n);
  const float* from[lanes];
  float* to[lanes];
  // Lanes without a line of their own repeat the first.
  for (int i = 0; i < lanes; ++i) {
    from[i] = l.in + (i < l.lines ? i : 0) * l.in_step;
    to[i] = l.out + (i < l.lines ? i : 0) * l.out_step;
  }
  for (std::int64_t k = 0; k < n; ++k) {
    Lane pair[2];
    for (int p = 0; p < 2; ++p) {
      const bool there = 2 * k + p < l.given;
      for (int i = 0; i < lanes; ++i) pair[p].v[i] = there ? static_cast<double>(from[i][2 * k + p]) : 0.0;
    }
    x[l.tables.half.reversed[k]] = {pair[0], pair[1]};
  }
  fourier(x, l.tables.half);
  unfold(x, l.tables, [&](std::size_t k, ComplexLane<Lane> value) {
    for (int i = 0; i < lanes; ++i) {
      to[i][2 * k] = static_cast<float>(value.re.v[i]);
      to[i][2 * k + 1] = static_cast<float>(value.im.v[i]);
    }
  });
}

}  // namespace
}  // namespace qgraph::kernels
