// A register of 8 floats, for kernels that are written once for all widths. Intrinsics and internal linkage only.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace qgraph::kernels {
namespace {

struct Eight {
  using Register = __m256;
  static constexpr int lanes = 8;
  static Register all(float x) noexcept { return _mm256_set1_ps(x); }
  static Register load(const float* p) noexcept { return _mm256_loadu_ps(p); }
  static Register load_part(const float* p, std::int64_t n) noexcept {
    alignas(32) float part[8] = {};
    for (std::int64_t i = 0; i < n; ++i) part[i] = p[i];
    return _mm256_load_ps(part);
  }
  static void store(float* p, Register v) noexcept { _mm256_storeu_ps(p, v); }
  static void store_part(float* p, Register v, std::int64_t n) noexcept {
    alignas(32) float part[8];
    _mm256_store_ps(part, v);
    for (std::int64_t i = 0; i < n; ++i) p[i] = part[i];
  }
  static Register add(Register a, Register b) noexcept { return _mm256_add_ps(a, b); }
  static Register multiply(Register a, Register b) noexcept { return _mm256_mul_ps(a, b); }
  static Register most(Register a, Register b) noexcept { return _mm256_max_ps(a, b); }
  static Register least(Register a, Register b) noexcept { return _mm256_min_ps(a, b); }
};

}  // namespace
}  // namespace qgraph::kernels
