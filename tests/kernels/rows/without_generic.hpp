// Families of kernels that have no portable row, since the op's reference kernel is as good: compared with the definitions here.
#pragma once

#include "kernels/average_s8/average_s8.hpp"
#include "kernels/functions_f32/functions_f32.hpp"
#include "kernels/windows_f32/windows_f32.hpp"
#include "random.hpp"

namespace qgraph::rows {

/// Results of the row for `cpu` on the random operands of `seed`; of the definition where there is none.
Bytes average(std::uint64_t seed, kernels::Cpu cpu);
Bytes windows(std::uint64_t seed, kernels::Cpu cpu);
/// Those by polynomials: the others need expf of the C library.
Bytes functions(std::uint64_t seed, kernels::Cpu cpu);

}  // namespace qgraph::rows
