// Functions of quantized values by table, as TensorFlow Lite makes and reads them (LUTPopulate, LUTLookup in
// kernels/internal/common.h): 256 entries for 8 bits; 513 for 16 bits, the last seven bits interpolated.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

namespace qgraph {

/// Entry i belongs to the stored byte i, signed or not.
using ByteTable = std::array<std::uint8_t, 256>;
using WordTable = std::array<std::int16_t, 513>;

/// T: int8 or uint8, on both sides; f: float -> float.
template <class T, class F>
ByteTable make_byte_table(float input_scale, std::int32_t input_zero_point, float output_scale, std::int32_t output_zero_point,
                          F f) {
  constexpr int low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  ByteTable table{};
  const float inverse_scale = 1 / output_scale;
  for (int stored = low; stored <= high; ++stored) {
    const float real = f(input_scale * static_cast<float>(stored - input_zero_point));
    const float scaled = std::round(real * inverse_scale) + static_cast<float>(output_zero_point);
    // Beyond the int32 range the reference wraps on most machines; here it saturates. NaN becomes the lowest.
    const int q = !(scaled > static_cast<float>(low))  ? low
                  : scaled >= static_cast<float>(high) ? high
                                                       : static_cast<int>(scaled);
    table[static_cast<std::uint8_t>(stored)] = static_cast<std::uint8_t>(q);
  }
  return table;
}

/// Real: the type it is computed in, float but for the tables of SOFTMAX.
template <class Real, class F>
WordTable make_word_table(Real input_scale, std::int32_t input_zero_point, Real output_scale, std::int32_t output_zero_point,
                          F f) {
  constexpr int low = std::numeric_limits<std::int16_t>::min(), high = std::numeric_limits<std::int16_t>::max(), steps = 512;
  WordTable table{};
  const Real first = input_scale * static_cast<Real>(low - input_zero_point),
             last = input_scale * static_cast<Real>(high - input_zero_point);
  const Real output_low = output_scale * static_cast<Real>(low - output_zero_point);
  const Real output_high = output_scale * static_cast<Real>(high - output_zero_point);
  const Real step = (last - first) / steps, half_step = step / 2;
  const Real inverse = static_cast<Real>(high - low + 1) / (output_high - output_low);
  const auto stored = [](Real x) {
    return static_cast<std::int16_t>(!(x > static_cast<Real>(low))  ? low
                                     : x >= static_cast<Real>(high) ? high
                                                                    : static_cast<int>(x));
  };
  for (int i = 0; i < steps; ++i) {
    const Real here = f(first + static_cast<Real>(i) * step);
    const Real middle = f(first + static_cast<Real>(i) * step + half_step);
    const Real next = f(first + static_cast<Real>(i + 1) * step);
    const Real sample = std::round(here * inverse);
    // Half of the error that interpolation makes in the middle is taken off both ends.
    const Real interpolated = std::round((next * inverse + std::round(here * inverse)) / 2);
    const Real bias = std::round((interpolated - std::round(middle * inverse)) / 2);
    table[static_cast<std::size_t>(i)] = stored(sample - bias);
  }
  table[steps] = stored(std::round(f(last) * inverse));
  return table;
}

inline std::int16_t look_up(std::int16_t x, const WordTable& table) noexcept {
  const auto index = static_cast<std::size_t>(256 + (x >> 7));
  const auto base = table[index];
  const auto slope = static_cast<std::int16_t>(table[index + 1] - base);
  return static_cast<std::int16_t>(base + ((slope * (x & 0x7F) + 64) >> 7));
}

/// The reference's sigmoid(i / 24) with 16 fraction bits, from which its 16-bit LOGISTIC and TANH interpolate: each sample is
/// moved by half the error of interpolating behind it.
inline std::array<std::uint16_t, 256> make_sigmoid_table() {
  const auto f = [](double i) { return 65536.0 / (1.0 + std::exp(-i / 24.0)); };
  std::array<std::uint16_t, 256> table{};
  for (int i = 0; i < 255; ++i) {
    const double error = (f(i) + f(i + 1)) / 2 - f(i + 0.5);
    table[static_cast<std::size_t>(i)] = static_cast<std::uint16_t>(std::round(f(i) - error / 2));
  }
  table[255] = 65535;
  return table;
}

}  // namespace qgraph
