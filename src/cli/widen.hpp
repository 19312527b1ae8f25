// Dtypes that NumPy lacks, as the next wider one that holds them exactly, and back.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "qgraph/dtype.hpp"

namespace qgraph::cli {

struct Widened {
  std::string descr{};  ///< NumPy's: "<f4"
  std::vector<std::byte> data{};
};
/// `count` elements as NumPy has them; nothing for dtypes that have no such form, or too few bytes.
std::optional<Widened> widened(DType dtype, std::span<const std::byte> data, std::size_t count);
/// The inverse: elements of the wider dtype `have` as `want`; nothing where a value does not fit or the dtypes do not belong
/// together. NumPy's default integers, int64, may stand for floats that hold them exactly; narrower ones may not: they would pass
/// for the reals of a quantized tensor.
std::optional<std::vector<std::byte>> narrowed(DType have, std::span<const std::byte> data, std::size_t count, DType want);

/// DType::string's layout, and back. Nothing for bytes that are not of this layout.
std::vector<std::byte> pack_strings(const std::vector<std::string>& texts);
std::optional<std::vector<std::string>> unpack_strings(std::span<const std::byte> data);

}  // namespace qgraph::cli
