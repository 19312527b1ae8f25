// Tables of Fourier transforms, and what rfft_2d prepares.
#pragma once

#include <vector>

#include "core/fourier.hpp"

namespace qgraph {

/// Of a transform of n complex points, n a power of two.
class Fourier {
 public:
  explicit Fourier(std::size_t n);
  FourierTables tables() const noexcept { return {n_, reversed_.data(), turns_.data()}; }
  std::size_t bytes() const noexcept { return reversed_.size() * sizeof(reversed_[0]) + turns_.size() * sizeof(double); }

 private:
  std::size_t n_;
  std::vector<std::uint32_t> reversed_{};
  std::vector<double> turns_{};
};

/// Of a transform of n reals, n a power of two above 1.
class RealFourier {
 public:
  explicit RealFourier(std::size_t n);
  RealFourierTables tables() const noexcept { return {half_.tables(), turns_.data()}; }
  std::size_t bytes() const noexcept { return half_.bytes() + turns_.size() * sizeof(double); }

 private:
  Fourier half_;
  std::vector<double> turns_{};
};

struct PreparedRfft2d {
  std::int64_t height = 1, width = 1;
  Fourier columns;
  RealFourier rows;  ///< of two reals where the width is 1
};

}  // namespace qgraph
