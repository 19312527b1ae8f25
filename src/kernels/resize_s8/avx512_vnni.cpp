// 16 elements at a time. Intrinsics and internal linkage only.
#include <immintrin.h>

#include "kernels/resize_s8/line.hpp"

namespace qgraph::kernels {
namespace {

struct Sixteen {
  static constexpr int size = 16;
  typedef float Floats __attribute__((vector_size(64)));
  typedef std::int32_t Ints __attribute__((vector_size(64)));
  typedef std::uint32_t Words __attribute__((vector_size(64)));

  static __mmask16 first(std::int64_t count) noexcept { return static_cast<__mmask16>((1U << count) - 1); }
  static __m128i bytes(const void* p, std::int64_t count) noexcept {
    return count == size ? _mm_loadu_si128(static_cast<const __m128i*>(p)) : _mm_maskz_loadu_epi8(first(count), p);
  }
  static Ints load_u8(const std::uint8_t* p, std::int64_t count) noexcept {
    return reinterpret_cast<Ints>(_mm512_cvtepu8_epi32(bytes(p, count)));
  }
  static Ints load_s8(const std::int8_t* p, std::int64_t count) noexcept {
    return reinterpret_cast<Ints>(_mm512_cvtepi8_epi32(bytes(p, count)));
  }
  static void store_bytes(std::uint8_t* p, std::int64_t count, Ints values) noexcept {
    const __m128i narrow = _mm512_cvtepi32_epi8(reinterpret_cast<__m512i>(values));
    if (count == size)
      _mm_storeu_si128(reinterpret_cast<__m128i*>(p), narrow);
    else
      _mm_mask_storeu_epi8(p, first(count), narrow);
  }
};

}  // namespace

constexpr ResizeKernel resize_s8_avx512_vnni{"avx512_vnni", Cpu::avx512_vnni, line_u8<Sixteen>, line_s8<Sixteen>};

}  // namespace qgraph::kernels
