// One function per instruction set, each in the file of its name.
#pragma once

#include "kernels/channel_table_s8/channel_table_s8.hpp"

namespace qgraph::kernels {

void channel_table_s8_generic(const std::uint8_t*, std::int64_t, const std::uint8_t*, std::uint8_t*, std::int64_t) noexcept;
void channel_table_s8_avx512_vbmi(const std::uint8_t*, std::int64_t, const std::uint8_t*, std::uint8_t*, std::int64_t) noexcept;

}  // namespace qgraph::kernels
