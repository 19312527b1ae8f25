// A register of 16 floats, for kernels that are written once for all widths. Intrinsics and internal linkage only.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace qgraph::kernels {
namespace {

struct Sixteen {
  using Register = __m512;
  static constexpr int lanes = 16;
  static Register all(float x) noexcept { return _mm512_set1_ps(x); }
  static Register load(const float* p) noexcept { return _mm512_loadu_ps(p); }
  static Register load_part(const float* p, std::int64_t n) noexcept {
    return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1U << n) - 1), p);
  }
  static void store(float* p, Register v) noexcept { _mm512_storeu_ps(p, v); }
  static void store_part(float* p, Register v, std::int64_t n) noexcept {
    _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1U << n) - 1), v);
  }
  static Register add(Register a, Register b) noexcept { return _mm512_add_ps(a, b); }
  static Register multiply(Register a, Register b) noexcept { return _mm512_mul_ps(a, b); }
  static Register most(Register a, Register b) noexcept { return _mm512_max_ps(a, b); }
  static Register least(Register a, Register b) noexcept { return _mm512_min_ps(a, b); }
};

}  // namespace
}  // namespace qgraph::kernels
