// Lists of operand names as ops and op tables write them: "input weights bias?".
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace qgraph {

/// A reader of operand lists: "input weights bias?" -> ("input", required), ...
struct Operand {
  std::string_view name;
  bool optional = false;
  bool rest = false;
};
/// Operand i of a list, following a trailing '*'; nothing past the end.
std::optional<Operand> operand_at(std::string_view list, std::size_t i) noexcept;
/// The position of a name in a list; nothing if it is not there.
std::optional<std::size_t> operand_position(std::string_view list, std::string_view name) noexcept;

}  // namespace qgraph
