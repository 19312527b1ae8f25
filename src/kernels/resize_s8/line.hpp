// What the instruction sets share. V: size lanes of Floats, Ints and Words (unsigned), loads and stores of bytes. Internal
// linkage.
#pragma once

#include "kernels/blocks.hpp"
#include "kernels/resize_s8/kernels.hpp"

namespace qgraph::kernels {
namespace {

template <class T>
inline __attribute__((always_inline)) T load(const void* p) noexcept {
  T v;
  __builtin_memcpy(&v, p, sizeof(v));
  return v;
}
template <class T>
inline __attribute__((always_inline)) void store(void* p, T v) noexcept {
  __builtin_memcpy(p, &v, sizeof(v));
}

/// Each sum has the terms of the reference in its order: top left, bottom left, top right, bottom right, a half.
template <class V>
void line_u8(const ResizeLine<float>& line, const std::uint8_t* top, const std::uint8_t* bottom, float rest, float fraction,
             float* work, std::uint8_t* out) noexcept {
  using Floats = typename V::Floats;
  float* lower = work + line.elements;
  const auto weigh = [&](const std::uint8_t* from, float weight, float* to) __attribute__((always_inline)) {
    each_block<V::size>(
        line.elements, [&](std::int64_t i, std::int64_t count) __attribute__((always_inline)) {
          store(to + i, __builtin_convertvector(V::load_u8(from + i, count), Floats) * weight);
        });
  };
  weigh(top, rest, work);  // whole blocks are stored: what the first line's last one writes behind its end, the second overwrites
  weigh(bottom, fraction, lower);
  for (std::int64_t x = 0; x < line.columns; ++x, out += line.depth) {
    const std::int64_t left = line.left[x], right = line.right[x];
    const float h0 = line.rest[x], h1 = line.fraction[x];
    each_block<V::size>(
        line.depth, [&](std::int64_t c, std::int64_t count) __attribute__((always_inline)) {
          const Floats sum = load<Floats>(work + left + c) * h0 + load<Floats>(lower + left + c) * h0 +
                             load<Floats>(work + right + c) * h1 + load<Floats>(lower + right + c) * h1 + 0.5F;
          V::store_bytes(out + c, count, __builtin_convertvector(sum, typename V::Ints));
        });
  }
}

template <class V>
void line_s8(const ResizeLine<std::int32_t>& line, const std::int8_t* top, const std::int8_t* bottom, std::int32_t rest,
             std::int32_t fraction, std::int32_t* work, std::int8_t* out) noexcept {
  using Ints = typename V::Ints;
  // Lanes behind the end of a line hold anything: they wrap, and are not stored.
  using Words = typename V::Words;
  each_block<V::size>(
      line.elements, [&](std::int64_t i, std::int64_t count) __attribute__((always_inline)) {
        store(work + i, V::load_s8(top + i, count) * rest + V::load_s8(bottom + i, count) * fraction);
      });
  for (std::int64_t x = 0; x < line.columns; ++x, out += line.depth) {
    const std::int64_t left = line.left[x], right = line.right[x];
    const auto h0 = static_cast<std::uint32_t>(line.rest[x]), h1 = static_cast<std::uint32_t>(line.fraction[x]);
    each_block<V::size>(
        line.depth, [&](std::int64_t c, std::int64_t count) __attribute__((always_inline)) {
          const Words sum = load<Words>(work + left + c) * h0 + load<Words>(work + right + c) * h1;
          // Half away from zero.
          const Words sign = reinterpret_cast<Words>(reinterpret_cast<Ints>(sum) >> 31);
          const Words size = (sum ^ sign) - sign;
          const Words rounded = (((size + (1U << 19)) >> 20) ^ sign) - sign;
          V::store_bytes(reinterpret_cast<std::uint8_t*>(out + c), count, reinterpret_cast<Ints>(rounded));
        });
  }
}

}  // namespace
}  // namespace qgraph::kernels
