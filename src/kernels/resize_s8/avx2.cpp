// 8 elements at a time. Intrinsics and internal linkage only.
#include <immintrin.h>

#include "kernels/resize_s8/line.hpp"

namespace qgraph::kernels {
namespace {

struct Eight {
  static constexpr int size = 8;
  typedef float Floats __attribute__((vector_size(32)));
  typedef std::int32_t Ints __attribute__((vector_size(32)));
  typedef std::uint32_t Words __attribute__((vector_size(32)));

  static __m128i bytes(const void* p, std::int64_t count) noexcept {
    if (count == size) return _mm_loadl_epi64(static_cast<const __m128i*>(p));
    alignas(16) std::uint8_t part[16] = {};
    for (std::int64_t i = 0; i < count; ++i) part[i] = static_cast<const std::uint8_t*>(p)[i];
    return _mm_load_si128(reinterpret_cast<const __m128i*>(part));
  }
  static Ints load_u8(const std::uint8_t* p, std::int64_t count) noexcept {
    return reinterpret_cast<Ints>(_mm256_cvtepu8_epi32(bytes(p, count)));
  }
  static Ints load_s8(const std::int8_t* p, std::int64_t count) noexcept {
    return reinterpret_cast<Ints>(_mm256_cvtepi8_epi32(bytes(p, count)));
  }
  static void store_bytes(std::uint8_t* p, std::int64_t count, Ints values) noexcept {
    const auto v = reinterpret_cast<__m256i>(values);
    const __m256i in_lanes = _mm256_shuffle_epi8(v, _mm256_set1_epi32(0x0C080400));
    const __m128i low = _mm_unpacklo_epi32(_mm256_castsi256_si128(in_lanes), _mm256_extracti128_si256(in_lanes, 1));
    if (count == size) return _mm_storel_epi64(reinterpret_cast<__m128i*>(p), low);
    alignas(16) std::uint8_t part[16];
    _mm_store_si128(reinterpret_cast<__m128i*>(part), low);
    for (std::int64_t i = 0; i < count; ++i) p[i] = part[i];
  }
};

}  // namespace

constexpr ResizeKernel resize_s8_avx2{"avx2", Cpu::avx2, line_u8<Eight>, line_s8<Eight>};

}  // namespace qgraph::kernels
