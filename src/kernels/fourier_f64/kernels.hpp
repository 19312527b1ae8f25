// One function per instruction set, each in the file of its name.
#pragma once

#include "kernels/fourier_f64/fourier_f64.hpp"

namespace qgraph::kernels {

void fourier_f64_avx2(const FourierLines&, std::byte*) noexcept;
void fourier_f64_avx512_vnni(const FourierLines&, std::byte*) noexcept;

}  // namespace qgraph::kernels
