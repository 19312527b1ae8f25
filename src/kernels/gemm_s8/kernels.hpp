// One function per instruction set, each in the file of its name.
#pragma once

#include "kernels/gemm_s8/gemm_s8.hpp"

namespace qgraph::kernels {

void gemm_s8_generic(const GemmS8&, std::int64_t rows, std::int64_t first, std::int64_t last) noexcept;
void gemm_s8_avx2(const GemmS8&, std::int64_t rows, std::int64_t first, std::int64_t last) noexcept;
void gemm_s8_amx_int8(const GemmS8&, std::int64_t rows, std::int64_t first, std::int64_t last) noexcept;
void gemm_s8_avx512_vnni(const GemmS8&, std::int64_t rows, std::int64_t first, std::int64_t last) noexcept;
void gemm_s8_sse41(const GemmS8&, std::int64_t rows, std::int64_t first, std::int64_t last) noexcept;
void gemm_s8_avx_vnni(const GemmS8&, std::int64_t rows, std::int64_t first, std::int64_t last) noexcept;
void gemm_s8_neon(const GemmS8&, std::int64_t rows, std::int64_t first, std::int64_t last) noexcept;
void gemm_s8_neon_dot(const GemmS8&, std::int64_t rows, std::int64_t first, std::int64_t last) noexcept;

}  // namespace qgraph::kernels
