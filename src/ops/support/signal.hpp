// What the audio front end's ops share: TensorFlow Lite Micro's signal library, integer arithmetic throughout.
#pragma once

#include <bit>
#include <cstdint>

#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {

/// Number of significant bits; 32 or 64 for 0, as the reference counts.
constexpr int significant_bits(std::uint32_t x) noexcept { return x == 0 ? 32 : static_cast<int>(std::bit_width(x)); }
constexpr int significant_bits(std::uint64_t x) noexcept { return x == 0 ? 64 : static_cast<int>(std::bit_width(x)); }

/// A constraint of these ops: input i has this storage, if it is known.
inline bool stored_as(const InferContext& c, std::size_t i, DType dtype) {
  return c.has(i) && (c.input(i).storage() == dtype || c.input(i).storage() == DType::unknown);
}

}  // namespace qgraph::ops
