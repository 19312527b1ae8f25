// What the instruction sets share: the compiler's vectors. Every operation is that of a single number, so
// results do not depend on how many there are in a vector. Internal linkage only.
#pragma once

#include "kernels/hybrid_f32/kernels.hpp"

namespace qgraph::kernels {
namespace {

#if defined(__AVX512F__)
constexpr int lanes = 16;
#elif defined(__AVX2__)
constexpr int lanes = 8;
#else
constexpr int lanes = 4;
#endif
typedef float Reals __attribute__((vector_size(4 * lanes)));
typedef std::int32_t Integers __attribute__((vector_size(4 * lanes)));
typedef std::uint32_t Unsigned __attribute__((vector_size(4 * lanes)));
typedef std::int8_t Bytes __attribute__((vector_size(lanes)));

template <class V, class T>
inline __attribute__((always_inline)) V load(const T* from) noexcept {
  V v;
  __builtin_memcpy(&v, from, sizeof(V));
  return v;
}
/// As many as there are, then zeros.
template <class V, class T>
inline __attribute__((always_inline)) V load(const T* from, std::int64_t count) noexcept {
  if (count >= lanes) return load<V>(from);
  V v = {};
  for (std::int64_t i = 0; i < count; ++i) v[i] = from[i];
  return v;
}
template <class V, class T>
inline __attribute__((always_inline)) void store(const V& v, T* to, std::int64_t count) noexcept {
  if (count >= lanes)
    __builtin_memcpy(to, &v, sizeof(V));
  else
    for (std::int64_t i = 0; i < count; ++i) to[i] = static_cast<T>(v[i]);
}
inline __attribute__((always_inline)) Reals to_reals(Integers x) noexcept { return __builtin_convertvector(x, Reals); }
inline __attribute__((always_inline)) Integers to_integers(Reals x) noexcept { return __builtin_convertvector(x, Integers); }

/// f(offset, count) over n numbers: whole vectors, then what is left.
template <class F>
inline __attribute__((always_inline)) void each_vector(std::int64_t n, const F& f) noexcept {
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) f(i, std::int64_t{lanes});
  if (i < n) f(i, n - i);
}

inline RangeF32 range_of(const float* values, std::int64_t n) noexcept {
  // Lanes of a part that are left over repeat the first value.
  Reals low = Reals{} + values[0], high = low;
  Integers strange = low != low;
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const Reals x = load<Reals>(values + i, lanes);
    low = x < low ? x : low;
    high = x > high ? x : high;
    strange |= x != x;
  }
  RangeF32 range{low[0], high[0], true};
  for (int lane = 0; lane < lanes; ++lane) {
    if (low[lane] < range.low) range.low = low[lane];
    if (high[lane] > range.high) range.high = high[lane];
    if (strange[lane] != 0) range.ordered = false;
  }
  for (; i < n; ++i) {
    if (values[i] < range.low) range.low = values[i];
    if (values[i] > range.high) range.high = values[i];
    if (values[i] != values[i]) range.ordered = false;
  }
  return range;
}

inline void store_bytes(const StoreF32& s, const float* values, std::int64_t n, std::uint8_t* out) noexcept {
  const Reals zero = {}, reach = zero + 1000.0F, half = zero + 0.5F, low = zero + s.low, high = zero + 127.0F;
  each_vector(
      n, [&](std::int64_t i, std::int64_t count) __attribute__((always_inline)) {
        Reals x = load<Reals>(values + i, count) * s.inverse;
        x = x >= -reach ? x : -reach;  // also what is not a number: beyond all that is stored, within what integers hold
        x = x < reach ? x : reach;
        Reals y = to_reals(to_integers(x + (x < zero ? -half : half))) + s.offset;
        y = y >= low ? y : low;
        y = y < high ? y : high;
        const auto bytes = __builtin_convertvector(to_integers(y), Bytes) ^ static_cast<std::int8_t>(-128);
        store(bytes, out + i, count);
      });
}

inline __attribute__((always_inline)) Integers taken_off(const FinishF32& f, Integers sums, Integers weight_sums) noexcept {
  return reinterpret_cast<Integers>(reinterpret_cast<Unsigned>(sums) -
                                    reinterpret_cast<Unsigned>(weight_sums) * static_cast<std::uint32_t>(f.taken));
}

inline void finish_integers(const FinishF32& f, std::int64_t channels) noexcept {
  each_vector(
      channels, [&](std::int64_t c, std::int64_t count) __attribute__((always_inline)) {
        store(taken_off(f, load<Integers>(f.sums + c), load<Integers>(f.weight_sums + c)), f.integers + c, count);
      });
}

inline void add_row(const FinishF32& f, std::int64_t channels) noexcept {
  each_vector(
      channels, [&](std::int64_t c, std::int64_t count) __attribute__((always_inline)) {
        const Reals x = to_reals(load<Integers>(f.sums + c));
        store(load<Reals>(f.out + c, count) + x * load<Reals>(f.scales + c), f.out + c, count);
      });
}

inline void settle_row(const SettleF32& s, std::int64_t channels, float* x) noexcept {
  const Reals zero = {}, low = zero + s.low, high = zero + s.high;
  each_vector(
      channels, [&](std::int64_t c, std::int64_t count) __attribute__((always_inline)) {
        Reals y = (load<Reals>(x + c, count) - load<Reals>(s.weight_sums + c) * s.zero_point) * s.scale;
        if (s.bias) y += load<Reals>(s.bias + c);
        y = y < low ? low : y;
        y = high < y ? high : y;
        store(y, x + c, count);
      });
}

inline void finish_row(const FinishF32& f, std::int64_t channels) noexcept {
  if (f.integers) return finish_integers(f, channels);
  if (f.adds) return add_row(f, channels);
  const Reals zero = {}, low = zero + f.low, high = zero + f.high;
  each_vector(
      channels, [&](std::int64_t c, std::int64_t count) __attribute__((always_inline)) {
        const auto weight_sums = load<Integers>(f.weight_sums + c);
        Reals x = to_reals(taken_off(f, load<Integers>(f.sums + c), weight_sums));
        if (f.in_float) x = to_reals(to_integers(x - to_reals(weight_sums) * f.zero_point));
        const Reals scales = load<Reals>(f.scales + c);
        Reals y = f.in_turn ? x * scales * f.scale : x * (scales * f.scale);
        if (f.bias) y += load<Reals>(f.bias + c);
        y = y < low ? low : y;
        y = high < y ? high : y;
        store(y, f.out + c, count);
      });
}

}  // namespace
}  // namespace qgraph::kernels
