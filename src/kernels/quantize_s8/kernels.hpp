// One function per instruction set, each in the file of its name.
#pragma once

#include "kernels/quantize_s8/quantize_s8.hpp"

namespace qgraph::kernels {

void quantize_s8_avx2(const QuantizeS8&, const float*, std::uint8_t*, std::int64_t) noexcept;
void quantize_s8_avx512_vnni(const QuantizeS8&, const float*, std::uint8_t*, std::int64_t) noexcept;
void quantize_s8_sse41(const QuantizeS8&, const float*, std::uint8_t*, std::int64_t) noexcept;
void quantize_s8_neon(const QuantizeS8&, const float*, std::uint8_t*, std::int64_t) noexcept;

}  // namespace qgraph::kernels
