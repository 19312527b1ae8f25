// Strings that are numbers, and numbers as strings.
#pragma once

#include "ops/kernel.hpp"

namespace qgraph::ops {

/// The strings of operand 0 as float32, float64, int64 or uint64. False: one is no number, and the run is ended.
bool parse_numbers(const KernelArgs& args, DType to, std::byte* out) noexcept;
/// The elements of output 0 as strings, from numbers of any whole-byte dtype: the fewest digits that give the number back.
void print_numbers(const KernelArgs& args, DType from, const std::byte* numbers) noexcept;

}  // namespace qgraph::ops
