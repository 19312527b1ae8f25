// Raw elements of any integer or float dtype as doubles.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "qgraph/dtype.hpp"

namespace qgraph::source {

/// The first `count` elements; nothing where the dtype has no numbers or the bytes hold fewer.
std::optional<std::vector<double>> decode_numbers(DType dtype, std::span<const std::byte> raw, std::size_t count);
/// The inverse, rounded half away from zero and saturated to the dtype; nothing where the dtype has no numbers.
std::optional<std::vector<std::byte>> encode_numbers(DType dtype, std::span<const double> values);

}  // namespace qgraph::source
