// Tables of Fourier transforms.
#include "ops/support/fourier.hpp"

#include <cmath>
#include <numbers>

namespace qgraph {
namespace {

/// exp(-2 pi i k / n), exact at the quarters.
void add_turn(std::vector<double>& turns, std::size_t k, std::size_t n) {
  static constexpr double quarters[4][2] = {{1, 0}, {0, -1}, {-1, 0}, {0, 1}};
  if (4 * k % n == 0) {
    turns.insert(turns.end(), quarters[4 * k / n % 4], quarters[4 * k / n % 4] + 2);
    return;
  }
  const double angle = -2.0 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
  turns.push_back(std::cos(angle));
  turns.push_back(std::sin(angle));
}

}  // namespace

Fourier::Fourier(std::size_t n) : n_(n), reversed_(n) {
  for (std::size_t i = 1, j = 0; i < n; ++i) {
    std::size_t bit = n / 2;
    for (; (j & bit) != 0; bit /= 2) j ^= bit;
    j ^= bit;
    reversed_[i] = static_cast<std::uint32_t>(j);
  }
  for (std::size_t k = 0; k < n; ++k) add_turn(turns_, k, n);
}

RealFourier::RealFourier(std::size_t n) : half_(n / 2) {
  for (std::size_t k = 0; k <= n / 2; ++k) add_turn(turns_, k, n);
}

}  // namespace qgraph
