// One function per instruction set, each in the file of its name.
#pragma once

#include "kernels/depthwise_s8/depthwise_s8.hpp"

namespace qgraph::kernels {

void depthwise_s8_generic(const DepthwiseS8&, const std::uint8_t* const*, std::ptrdiff_t, std::int64_t, std::uint8_t*) noexcept;
void depthwise_s8_avx2(const DepthwiseS8&, const std::uint8_t* const*, std::ptrdiff_t, std::int64_t, std::uint8_t*) noexcept;
void depthwise_s8_avx512_vnni(const DepthwiseS8&, const std::uint8_t* const*, std::ptrdiff_t, std::int64_t,
                              std::uint8_t*) noexcept;
void depthwise_s8_sse41(const DepthwiseS8&, const std::uint8_t* const*, std::ptrdiff_t, std::int64_t, std::uint8_t*) noexcept;
void depthwise_s8_avx_vnni(const DepthwiseS8&, const std::uint8_t* const*, std::ptrdiff_t, std::int64_t, std::uint8_t*) noexcept;
void depthwise_s8_neon(const DepthwiseS8&, const std::uint8_t* const*, std::ptrdiff_t, std::int64_t, std::uint8_t*) noexcept;
void depthwise_s8_neon_dot(const DepthwiseS8&, const std::uint8_t* const*, std::ptrdiff_t, std::int64_t, std::uint8_t*) noexcept;

}  // namespace qgraph::kernels
