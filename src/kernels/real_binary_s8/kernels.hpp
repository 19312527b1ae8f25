// The kernels of this family, one file per instruction set.
#pragma once

#include "kernels/real_binary_s8/real_binary_s8.hpp"

namespace qgraph::kernels {

void real_binary_s8_avx512_vnni(const RealBinaryS8&, const std::uint8_t*, int, const std::uint8_t*, int, std::uint8_t*,
                                std::int64_t) noexcept;
void real_binary_s8_avx2(const RealBinaryS8&, const std::uint8_t*, int, const std::uint8_t*, int, std::uint8_t*,
                         std::int64_t) noexcept;

}  // namespace qgraph::kernels
