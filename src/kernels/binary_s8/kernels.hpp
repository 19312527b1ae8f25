// One function per instruction set, each in the file of its name.
#pragma once

#include "kernels/binary_s8/binary_s8.hpp"

namespace qgraph::kernels {

void binary_s8_avx2(const BinaryS8&, const std::uint8_t*, int, const std::uint8_t*, int, std::uint8_t*, std::int64_t) noexcept;
void binary_s8_avx512_vnni(const BinaryS8&, const std::uint8_t*, int, const std::uint8_t*, int, std::uint8_t*,
                           std::int64_t) noexcept;
void binary_s8_sse41(const BinaryS8&, const std::uint8_t*, int, const std::uint8_t*, int, std::uint8_t*, std::int64_t) noexcept;
void binary_s8_neon(const BinaryS8&, const std::uint8_t*, int, const std::uint8_t*, int, std::uint8_t*, std::int64_t) noexcept;

}  // namespace qgraph::kernels
