// What a chain of elementwise ops makes of each of the 256 values of its one operand.
#pragma once

#include "runtime/passes/draft.hpp"

namespace qgraph::runtime::passes {

/// Nodes between an operand of bytes and a result of bytes; other operands are constants of one element, or of one for each
/// channel.
struct Chain {
  std::vector<const Node*> nodes{};  ///< in their order; the last makes the result
  TensorId operand{};
  std::int64_t channels = 1;
  std::size_t axis = 0;  ///< that channels lie along, where there are more than one
};

/// 256 bytes of each channel. Nothing: a kernel refuses.
std::optional<std::vector<std::uint8_t>> values_of_chain(const Draft& draft, const Chain& chain);

}  // namespace qgraph::runtime::passes
