// One function per instruction set, each in the file of its name.
#pragma once

#include "kernels/sum_s8/sum_s8.hpp"

namespace qgraph::kernels {

void sum_s8_avx2(const SumS8&, const std::uint8_t*, const std::uint8_t*, std::uint8_t*, std::int64_t) noexcept;
void sum_s8_avx512_vnni(const SumS8&, const std::uint8_t*, const std::uint8_t*, std::uint8_t*, std::int64_t) noexcept;

}  // namespace qgraph::kernels
