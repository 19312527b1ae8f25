// One function per instruction set, each in the file of its name.
#pragma once

#include "kernels/dot_s8/dot_s8.hpp"

namespace qgraph::kernels {

void dot_s8_sse41(const std::int8_t*, const std::int8_t*, std::int64_t, std::int64_t, std::int32_t*, std::int32_t*) noexcept;
void dot_s8_avx2(const std::int8_t*, const std::int8_t*, std::int64_t, std::int64_t, std::int32_t*, std::int32_t*) noexcept;
void dot_s8_avx512_vnni(const std::int8_t*, const std::int8_t*, std::int64_t, std::int64_t, std::int32_t*,
                        std::int32_t*) noexcept;
void dot_s8_neon(const std::int8_t*, const std::int8_t*, std::int64_t, std::int64_t, std::int32_t*, std::int32_t*) noexcept;

}  // namespace qgraph::kernels
