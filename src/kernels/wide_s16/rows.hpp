// What the instruction sets share: the compiler's vectors. Every operation is that of a single number, so results do not depend
// on how many there are in a vector. Internal linkage only.
#pragma once

#include "kernels/wide_s16/kernels.hpp"

namespace qgraph::kernels {
namespace {

#if defined(__AVX512F__)
constexpr int lanes = 8;
#elif defined(__AVX2__)
constexpr int lanes = 4;
#else
constexpr int lanes = 2;
#endif
constexpr int words = 4 * lanes;
typedef double Doubles __attribute__((vector_size(8 * lanes)));
typedef std::int64_t Longs __attribute__((vector_size(8 * lanes)));
typedef std::uint64_t Unsigned __attribute__((vector_size(8 * lanes)));
typedef std::int32_t Integers __attribute__((vector_size(4 * lanes)));
typedef std::int16_t Shorts __attribute__((vector_size(2 * lanes)));
typedef std::uint16_t Words __attribute__((vector_size(2 * words)));
typedef std::uint8_t Bytes __attribute__((vector_size(words)));

template <class V, class T>
inline __attribute__((always_inline)) V load(const T* from) noexcept {
  V v;
  __builtin_memcpy(&v, from, sizeof(V));
  return v;
}

inline void split(const std::int16_t* x, std::int64_t n, std::uint8_t* high, std::uint8_t* low) noexcept {
  std::int64_t i = 0;
  for (; i + words <= n; i += words) {
    const Words w = load<Words>(x + i);
    const Bytes upper = __builtin_convertvector(w >> 8, Bytes) ^ static_cast<std::uint8_t>(0x80),
                lower = __builtin_convertvector(w & static_cast<std::uint16_t>(0xFF), Bytes);
    __builtin_memcpy(high + i, &upper, words);
    __builtin_memcpy(low + i, &lower, words);
  }
  for (; i < n; ++i) {
    const auto w = static_cast<std::uint16_t>(x[i]);
    high[i] = static_cast<std::uint8_t>((w >> 8) ^ 0x80);
    low[i] = static_cast<std::uint8_t>(w & 0xFF);
  }
}

inline __attribute__((always_inline)) Longs between(Longs x, std::int64_t least, std::int64_t most) noexcept {
  const Longs low = Longs{} + least, high = Longs{} + most;
  x = x < low ? low : x;
  return x > high ? high : x;
}

inline __attribute__((always_inline)) Longs sums(const FinishS16& f, std::int64_t c) noexcept {
  const Longs high = __builtin_convertvector(load<Integers>(f.high + c), Longs),
              low = __builtin_convertvector(load<Integers>(f.low + c), Longs);
  return reinterpret_cast<Longs>(reinterpret_cast<Unsigned>(high * 256 + low) +
                                 reinterpret_cast<Unsigned>(load<Longs>(f.begin + c)));
}

inline __attribute__((always_inline)) Longs reduced(const FinishS16& f, Longs sum, std::int64_t c) noexcept {
  const Unsigned multiplier = reinterpret_cast<Unsigned>(load<Longs>(f.multiplier + c));
  Longs shift = load<Longs>(f.shift + c);
  shift = shift < 1 ? Longs{} + 1 : shift;  // lanes behind the last channel
  const Unsigned half = reinterpret_cast<Unsigned>((Longs{} + 1) << (shift - 1));
  const Longs value = reinterpret_cast<Longs>(reinterpret_cast<Unsigned>(sum) * multiplier + half) >> shift;
  return __builtin_convertvector(__builtin_convertvector(value, Integers), Longs) + f.zero_point;
}

inline __attribute__((always_inline)) Longs product(const FinishS16& f, Longs sum, std::int64_t c) noexcept {
  const Doubles least = Doubles{} + static_cast<double>(f.least - f.zero_point),
                most = Doubles{} + static_cast<double>(f.most - f.zero_point), half = Doubles{} + 0.49999999999999994;
  Doubles x = __builtin_convertvector(sum, Doubles) * load<Doubles>(f.factor + c);
  x = x >= least ? x : least;  // also what is not a number
  x = x < most ? x : most;
  return __builtin_convertvector(x + (x < Doubles{} ? -half : half), Longs) + f.zero_point;
}

/// One at a time: what few layers have.
inline std::int64_t narrowed(std::int64_t sum, std::int64_t multiplier, std::int64_t shift) noexcept {
  const auto x = static_cast<std::int32_t>(static_cast<std::uint32_t>(sum) << (shift > 0 ? shift : 0));
  const std::int64_t high = (std::int64_t{x} * multiplier + (std::int64_t{1} << 30)) >> 31;
  return shift >= 0 ? high : (((high + (high < 0 ? -1 : 0)) >> (-shift - 1)) + 1) >> 1;
}

template <WideRule rule>
inline __attribute__((always_inline)) void finish_vector(const FinishS16& f, std::int64_t c, std::int64_t count) noexcept {
  const Longs sum = sums(f, c);
  Longs value = {};
  if constexpr (rule == WideRule::reduced)
    value = reduced(f, sum, c);
  else if constexpr (rule == WideRule::product)
    value = product(f, sum, c);
  else
    for (std::int64_t i = 0; i < count; ++i) value[i] = narrowed(sum[i], f.multiplier[c + i], f.shift[c + i]) + f.zero_point;
  const Shorts stored = __builtin_convertvector(between(value, f.least, f.most), Shorts);
  if (count >= lanes)
    __builtin_memcpy(f.out + c, &stored, sizeof(stored));
  else
    for (std::int64_t i = 0; i < count; ++i) f.out[c + i] = stored[i];
}

template <WideRule rule>
inline void finish_by(const FinishS16& f, std::int64_t channels) noexcept {
  std::int64_t c = 0;
  for (; c + lanes <= channels; c += lanes) finish_vector<rule>(f, c, lanes);
  if (c < channels) finish_vector<rule>(f, c, channels - c);
}

inline void finish(const FinishS16& f, std::int64_t channels) noexcept {
  switch (f.rule) {
    case WideRule::reduced: return finish_by<WideRule::reduced>(f, channels);
    case WideRule::product: return finish_by<WideRule::product>(f, channels);
    case WideRule::narrow: return finish_by<WideRule::narrow>(f, channels);
  }
}

}  // namespace
}  // namespace qgraph::kernels
