// What the bytes of a constant are, where their count is not what shape and dtype need. One rule each reports the cases.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diagnose/rule.hpp"

namespace qgraph::diagnose {

enum class Stored : std::uint8_t {
  as_declared,  ///< the right size, or nothing can be said (no data, unknown dtype, open shape)
  other_dtype,  ///< exactly what the shape needs in another dtype
  unpacked,     ///< a sub-byte dtype with a byte for each element
  short_of,     ///< fewer bytes than needed
  beyond,       ///< more bytes than needed
};

struct StoredBytes {
  Stored verdict = Stored::as_declared;
  std::size_t needed = 0, present = 0;
  std::uint64_t elements = 0;
  DType dtype = DType::unknown;        ///< other_dtype: what they most likely are
  std::vector<std::string> grounds{};  ///< other_dtype: what speaks for it
};

StoredBytes stored_bytes(const RuleContext& context, source::TensorRef tensor);

/// The tensor as operand of its first reader; alone where nobody reads it.
Place place_of_constant(const RuleContext& context, source::TensorRef tensor);
/// "weights of 'conv0'", or the tensor's own name where its reader gives it no role.
std::string constant_text(const RuleContext& context, source::TensorRef tensor);

/// Whether such a text takes "hold" and "are".
bool plural(std::string_view constant_text);

/// A shape that fits the bytes and all that the readers say (channels, number of scales, bias); nothing where none or several do.
std::optional<Shape> shape_from_bytes(const RuleContext& context, source::TensorRef tensor);

}  // namespace qgraph::diagnose
